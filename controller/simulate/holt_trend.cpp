#include "controller/simulate/holt_trend.hpp"

#include <span>

namespace evenkeel {

HoltState SmoothHolt(std::span<const HoltSample> samples, const HoltGains& gains) {
  if (samples.empty()) return {};
  HoltState state{samples.front().value, 0};
  for (const HoltSample& sample : samples.subspan(1)) {
    const double expected = state.Ahead(1);
    const double gain = sample.value > expected ? gains.level_up : gains.level_down;
    const double level = expected + gain * (sample.value - expected);
    const double slope = level - state.level;
    const double trend_gain = slope > state.trend ? gains.trend_up : gains.trend_down;
    if (sample.settled) state.trend += trend_gain * (slope - state.trend);
    state.level = level;
  }
  return state;
}

}  // namespace evenkeel
