#include "controller/simulate/plot_axis.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace evenkeel {
namespace {

constexpr double kTolerance = 1e-9;  // relative, for values that are round but for the last bit
constexpr std::array kRound = {1.0, 2.0, 5.0, 10.0};

double PowerOfTenBelow(double value) { return std::pow(10, std::floor(std::log10(value))); }

double RoundDown(double value) {
  const double power = PowerOfTenBelow(value);
  double round = power;
  for (const double factor : kRound) {
    if (factor * power <= value * (1 + kTolerance)) round = factor * power;
  }
  return round;
}

std::vector<double> Multiples(double low, double high, double step) {
  std::vector<double> ticks;
  const double slack = step * kTolerance;
  for (double i = std::ceil(low / step - kTolerance); i * step <= high + slack; ++i) {
    ticks.push_back(i * step + 0.0);  // no negative zero
  }
  return ticks;
}

std::vector<double> RoundsOfDecades(double low, double high, std::size_t factors) {
  std::vector<double> ticks;
  for (double power = PowerOfTenBelow(low); power <= high; power *= 10) {
    for (std::size_t i = 0; i < factors; ++i) {
      const double tick = kRound[i] * power;
      if (tick >= low * (1 - kTolerance) && tick <= high * (1 + kTolerance)) ticks.push_back(tick);
    }
  }
  return ticks;
}

}  // namespace

PlotAxis::PlotAxis(double low, double high, double begin, double end, bool logarithmic)
    : low_(low), high_(high), begin_(begin), end_(end), logarithmic_(logarithmic) {}

PlotAxis PlotAxis::Linear(double low, double high, double begin, double end) {
  return {low, high, begin, end, false};
}

PlotAxis PlotAxis::Logarithmic(double low, double high, double begin, double end) {
  return {RoundDown(low), RoundUp(high), begin, end, true};
}

double PlotAxis::At(double value) const {
  const double inside = std::clamp(value, low_, high_);
  const double share = logarithmic_ ? std::log(inside / low_) / std::log(high_ / low_)
                                    : (inside - low_) / (high_ - low_);
  return begin_ + share * (end_ - begin_);
}

std::vector<double> PlotAxis::Ticks(int most) const {
  if (!logarithmic_) return Multiples(low_, high_, RoundUp((high_ - low_) / most));
  const std::vector<double> all = RoundsOfDecades(low_, high_, 3);
  return all.size() > static_cast<std::size_t>(most) ? RoundsOfDecades(low_, high_, 1) : all;
}

std::vector<double> PlotAxis::TimeTicks(int most) const {
  constexpr std::array kSteps = {60.0,   120.0,  300.0,   600.0,   1200.0,  1800.0,
                                 3600.0, 7200.0, 10800.0, 21600.0, 43200.0, 86400.0};
  const auto* step = std::ranges::find_if(
      kSteps, [&](double candidate) { return (high_ - low_) / candidate <= most; });
  return Multiples(low_, high_, step == kSteps.end() ? kSteps.back() : *step);
}

double RoundUp(double value) {
  const double power = PowerOfTenBelow(value);
  for (const double factor : kRound) {
    if (factor * power >= value * (1 - kTolerance)) return factor * power;
  }
  return 10 * power;
}

std::string TickText(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), std::abs(value) < 10'000 ? "%.4g" : "%.0f", value);
  return text.data();
}

}  // namespace evenkeel
