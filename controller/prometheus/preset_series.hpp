// PresetSeries: a preset's metrics as PromQL expressions over one selection of targets. Each member
// gives the spellings of one thing, the preferred first; joined by `or` they are one vector.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/prometheus/templates.hpp"

namespace evenkeel {

// Fixed notation without trailing zeros: PromQL knows no locale and we want no exponent.
[[nodiscard]] std::string Decimal(double value);

class PresetSeries {
 public:
  // `input` must outlive this object.
  explicit PresetSeries(const TemplateInput& input);
  using Spellings = std::vector<std::string>;

  // Rates:
  [[nodiscard]] Spellings Requests() const;  // of all requests
  [[nodiscard]] Spellings Timed() const;     // of all whose time was taken
  [[nodiscard]] Spellings Failed() const;
  [[nodiscard]] Spellings Buckets() const;  // of the classic histogram, by le
  [[nodiscard]] Spellings Within() const;   // of its bucket that ends at the bound
  [[nodiscard]] Spellings Native() const;   // native histograms
  // As they are:
  [[nodiscard]] Spellings Judged() const;  // counters that say how requests ended
  [[nodiscard]] Spellings Counters() const;
  [[nodiscard]] Spellings InFlight() const;
  [[nodiscard]] Spellings Lag() const;
  // The ELU, over the last two samples.
  [[nodiscard]] Spellings Utilization() const;
  // Whose samples say when and how often the target was scraped.
  [[nodiscard]] Spellings Scrapes(std::string_view topic) const;

  // TemplateInput::bound in the unit of the histogram.
  [[nodiscard]] double Bound() const;

 private:
  struct Counter {
    MetricRef metric;
    bool native = false;
  };

  [[nodiscard]] std::string Own(const MetricRef& metric) const;
  [[nodiscard]] Spellings Gauges(const MetricRefs& metrics) const;
  [[nodiscard]] std::string Rate(const MetricRef& metric, std::string_view matcher) const;
  [[nodiscard]] const MetricRefs& StatusMetrics() const;
  [[nodiscard]] std::vector<Counter> CountersOf(const MetricRefs& given) const;
  [[nodiscard]] Spellings Counted(const MetricRefs& given, std::string_view matcher) const;
  [[nodiscard]] Spellings BucketsWith(std::string_view matcher) const;
  [[nodiscard]] Spellings UtilizationScrapes() const;

  const TemplateInput& input_;
  const RequestMetrics& requests_;
  const RuntimeMetrics& runtime_;
  const std::string own_;     // matchers of the targets,
  const std::string all_;     // and the preset's besides
  const std::string window_;  // "[60s]"
};

}  // namespace evenkeel
