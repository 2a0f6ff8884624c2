#include "controller/prometheus/preset_series.hpp"

#include <cstdio>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policies/reading.hpp"

namespace evenkeel {
namespace {

using Spellings = PresetSeries::Spellings;

std::string With(std::string selector, std::string_view matcher) {
  if (!selector.empty() && !matcher.empty()) selector += ',';
  return selector.append(matcher);
}

void Append(Spellings& to, Spellings from) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

std::string Select(const MetricRef& metric, const std::string& selector) {
  return metric.name + "{" + With(selector, metric.matchers) + "}";
}

}  // namespace

std::string Decimal(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

PresetSeries::PresetSeries(const TemplateInput& input)
    : input_(input),
      requests_(input.preset.requests),
      runtime_(input.preset.runtime),
      own_(Selector(input.grouping, input.targets, input.filter)),
      all_(With(own_, requests_.matchers)),
      window_("[" + PromDuration(input.window) + "]") {}

std::string PresetSeries::Own(const MetricRef& metric) const { return Select(metric, own_); }

Spellings PresetSeries::Gauges(const MetricRefs& metrics) const {
  Spellings series;
  for (const MetricRef& metric : metrics) series.push_back(Own(metric));
  return series;
}

std::string PresetSeries::Rate(const MetricRef& metric, std::string_view matcher) const {
  return "rate(" + Select(metric, With(all_, matcher)) + window_ + ")";
}

const MetricRefs& PresetSeries::StatusMetrics() const {
  return requests_.status.metrics.empty() ? requests_.count : requests_.status.metrics;
}

// The given counters; without any, those that the histograms hold.
std::vector<PresetSeries::Counter> PresetSeries::CountersOf(const MetricRefs& given) const {
  std::vector<Counter> counters;
  for (const MetricRef& metric : given) counters.push_back({metric});
  if (!given.empty()) return counters;
  for (const MetricRef& metric : requests_.histogram) {
    counters.push_back({{metric.name + "_count", metric.matchers}});
  }
  if (!requests_.native) return counters;
  for (const MetricRef& metric : requests_.histogram) counters.push_back({metric, true});
  return counters;
}

Spellings PresetSeries::Counted(const MetricRefs& given, std::string_view matcher) const {
  Spellings rates;
  for (const auto& [metric, native] : CountersOf(given)) {
    const std::string rate = Rate(metric, matcher);
    rates.push_back(native ? "histogram_count(" + rate + ")" : rate);
  }
  return rates;
}

Spellings PresetSeries::Requests() const { return Counted(requests_.count, ""); }
Spellings PresetSeries::Timed() const { return Counted({}, ""); }

Spellings PresetSeries::Failed() const {
  Spellings rates;
  for (const std::string& label : requests_.status.labels) {
    Append(rates, Counted(StatusMetrics(), label + "=~" + Quote(requests_.status.failed)));
  }
  for (const MetricRef& metric : requests_.failures) rates.push_back(Rate(metric, ""));
  return rates;
}

Spellings PresetSeries::Judged() const {
  Spellings series;
  for (const std::string& label : requests_.status.labels) {
    for (const auto& [metric, native] : CountersOf(StatusMetrics())) {
      series.push_back(Select(metric, With(all_, label + "!=\"\"")));
    }
  }
  return series;
}

Spellings PresetSeries::BucketsWith(std::string_view matcher) const {
  Spellings rates;
  for (const MetricRef& metric : requests_.histogram) {
    rates.push_back(Rate({metric.name + "_bucket", metric.matchers}, matcher));
  }
  return rates;
}

Spellings PresetSeries::Buckets() const { return BucketsWith(""); }

// A whole bound is spelled "1" up to Prometheus 2 and "1.0" from 3 on.
Spellings PresetSeries::Within() const {
  const std::string bound = Decimal(Bound());
  const bool whole = bound.find('.') == std::string::npos;
  return BucketsWith("le=~" + Quote(EscapeRegex(bound) + (whole ? "([.]0)?" : "")));
}

Spellings PresetSeries::Native() const {
  Spellings rates;
  for (const MetricRef& metric : requests_.histogram) rates.push_back(Rate(metric, ""));
  return rates;
}

double PresetSeries::Bound() const { return input_.bound / requests_.seconds_per_unit; }

Spellings PresetSeries::Counters() const {
  Spellings series;
  for (const auto& [metric, native] : CountersOf(requests_.count)) {
    series.push_back(Select(metric, all_));
  }
  return series;
}

Spellings PresetSeries::InFlight() const {
  Spellings series;
  for (const MetricRef& metric : requests_.in_flight) series.push_back(Select(metric, all_));
  return series;
}

Spellings PresetSeries::Lag() const { return Gauges(runtime_.lag_p99); }

Spellings PresetSeries::Utilization() const {
  const auto increase = [&](const MetricRef& metric) {
    return "irate(" + Own(metric) + window_ + ")";
  };
  Spellings series;
  for (const MetricRef& metric : runtime_.busy_seconds) series.push_back(increase(metric));
  for (const auto& [sum, count] : runtime_.utilization_samples) {
    series.push_back(increase(sum) + " / " + increase(count));
  }
  Append(series, Gauges(runtime_.utilization));
  return series;
}

Spellings PresetSeries::UtilizationScrapes() const {
  Spellings series = Gauges(runtime_.busy_seconds);
  for (const auto& [sum, count] : runtime_.utilization_samples) series.push_back(Own(count));
  Append(series, Gauges(runtime_.utilization));
  return series;
}

Spellings PresetSeries::Scrapes(std::string_view topic) const {
  if (topic == signal::kEventLoopLagP99) return Lag();
  if (topic == signal::kEventLoopUtilization) return UtilizationScrapes();
  if (topic == signal::kInFlight) return InFlight();
  Spellings series = Gauges(requests_.heartbeat);
  if (!series.empty() && input_.heartbeat_only) return series;
  Append(series, Counters());
  return series;
}

}  // namespace evenkeel
