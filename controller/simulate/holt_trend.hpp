// Holt's double exponential smoothing with other gains for a rise than for a fall, as ICC's knobs
// have it. Pure.
#pragma once

#include <span>

namespace evenkeel {

struct HoltGains {
  double level_up = 0.2;
  double level_down = 0.1;
  double trend_up = 0.12;
  double trend_down = 0.1;
};

struct HoltSample {
  double value = 0;
  bool settled = true;  // an unsettled one moves the level only: load is changing hands
};

struct HoltState {
  double level = 0;
  double trend = 0;  // per sample

  // At least 0.
  [[nodiscard]] double Ahead(double samples) const {
    const double value = level + trend * samples;
    return value > 0 ? value : 0;
  }
};

// Smoothed from the first sample on; zeros without any.
[[nodiscard]] HoltState SmoothHolt(std::span<const HoltSample> samples, const HoltGains& gains);

}  // namespace evenkeel
