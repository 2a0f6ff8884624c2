// The models of the predictive-horizontal-pod-autoscaler, which forecast the HPA's replica numbers.
// Pure.
#pragma once

#include <span>

#include "controller/simulate/scenario.hpp"
#include "policies/policy.hpp"

namespace evenkeel {

struct TimedReplicas {
  TimePoint time;
  Replicas replicas = 0;
};

// Ordinary least squares of replicas on time, read off at `at` and rounded up. One value is its own
// forecast. `history` is not empty.
[[nodiscard]] Replicas LinearForecast(std::span<const TimedReplicas> history, TimePoint at);

// Additive trend and season with fixed gains, one step ahead, rounded up; level, trend and season
// begin with what makes the squared errors within the series least, as statsmodels'
// ExponentialSmoothing with initialization "estimated" does.
struct HoltWintersSpec {
  double alpha = 0.9;  // of the level
  double beta = 0.9;   // of the trend
  double gamma = 0.9;  // of the season
  int periods = 6;     // values in a season, >= 2
  int seasons = 4;     // seasons that are kept

  // What statsmodels needs for its own first guess; with fewer values the forecast is 0.
  [[nodiscard]] std::size_t LeastValues() const;
};
// `series` is chronological.
[[nodiscard]] Replicas HoltWintersForecast(std::span<const TimedReplicas> series,
                                           const HoltWintersSpec& spec);

}  // namespace evenkeel
