// Scrapes: the samples that Prometheus holds of one target, and what PromQL makes of them. A scrape
// is a value with a time; a failed one, or a target that is gone, leaves a stale marker.
//
// Rates are Prometheus' own: extrapolatedRate of promql/functions.go (3.x: ranges are open on the
// left).
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace evenkeel {

// One counter's samples in a range, oldest first.
struct CounterRange {
  double first_at = 0;
  double last_at = 0;
  double first = 0;
  double last = 0;
  std::size_t samples = 0;
};

// rate(): per second over (begin, end]; nothing with fewer than two samples. Counters of the
// simulator do not reset: a new pod is a new series.
[[nodiscard]] std::optional<double> ExtrapolatedRate(const CounterRange& range, double begin,
                                                     double end);

template <class Values>
class Scrapes {
 public:
  struct Scrape {
    double at = 0;
    Values values{};
    bool stale = false;
  };

  void Add(double at, const Values& values) { scrapes_.push_back({at, values, false}); }
  // Once is enough for a run of failures.
  void MarkStale(double at) {
    if (!scrapes_.empty() && !scrapes_.back().stale) scrapes_.push_back({at, {}, true});
  }

  // Of the newest scrape or marker; without one, before all times.
  [[nodiscard]] double NewestAt() const {
    return scrapes_.empty() ? -std::numeric_limits<double>::infinity() : scrapes_.back().at;
  }

  // What an instant query at `time` finds: nothing behind a stale marker.
  [[nodiscard]] const Scrape* Newest(double time) const {
    const auto end = Until(time);
    if (end == scrapes_.begin() || std::prev(end)->stale) return nullptr;
    return &*std::prev(end);
  }

  // rate(series[end - begin]) at `end`.
  template <class Get>
  [[nodiscard]] std::optional<double> Rate(double begin, double end, const Get& get) const {
    CounterRange range;
    for (auto it = Until(begin); it != scrapes_.end() && it->at <= end; ++it) {
      if (it->stale) continue;
      const double value = get(it->values);
      if (range.samples++ == 0) {
        range.first_at = it->at;
        range.first = value;
      }
      range.last_at = it->at;
      range.last = value;
    }
    return ExtrapolatedRate(range, begin, end);
  }

  // irate(series[end - begin]) at `end`.
  template <class Get>
  [[nodiscard]] std::optional<double> LastRate(double begin, double end, const Get& get) const {
    const Scrape* last = nullptr;
    for (auto it = Until(end); it != scrapes_.begin();) {
      --it;
      if (it->at <= begin) break;
      if (it->stale) continue;
      if (last != nullptr) return (get(last->values) - get(it->values)) / (last->at - it->at);
      last = &*it;
    }
    return std::nullopt;
  }

  // count_over_time(series[end - begin]) at `end`.
  [[nodiscard]] double Count(double begin, double end) const {
    const auto real = [](const Scrape& scrape) { return !scrape.stale; };
    return static_cast<double>(std::count_if(Until(begin), Until(end), real));
  }

 private:
  // The first after `time`.
  [[nodiscard]] typename std::vector<Scrape>::const_iterator Until(double time) const {
    return std::upper_bound(scrapes_.begin(), scrapes_.end(), time,
                            [](double t, const Scrape& scrape) { return t < scrape.at; });
  }

  std::vector<Scrape> scrapes_;
};

// histogram_quantile(): `rates` per bucket, not cumulative, one more than `bounds`. Linear within a
// bucket; what lies above the largest bound reads as that bound. Nothing without requests.
[[nodiscard]] std::optional<double> HistogramQuantile(double q, std::span<const double> rates,
                                                      std::span<const double> bounds);

}  // namespace evenkeel
