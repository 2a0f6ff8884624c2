#include "controller/simulate/phpa_models.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace evenkeel {
namespace {

constexpr double kSingular = 1e-12;

// A line through points, as ordinary least squares has it; flat if all lie at one x.
struct Line {
  double at_zero = 0;
  double slope = 0;
};

Line FitLine(std::span<const double> x, std::span<const double> y) {
  const auto n = static_cast<double>(x.size());
  double mean_x = 0;
  double mean_y = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    mean_x += x[i] / n;
    mean_y += y[i] / n;
  }
  double xx = 0;
  double xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  const double slope = xx > 0 ? xy / xx : 0;
  return {mean_y - slope * mean_x, slope};
}

// Beyond the last bits: what the original computes is not exact either.
Replicas ToReplicas(double forecast) { return static_cast<Replicas>(std::ceil(forecast - 1e-6)); }

struct Smoothing {
  double level = 0;
  double trend = 0;
  std::vector<double> season{};  // of the next values, cyclic
};

struct Run {
  std::vector<double> errors{};
  double forecast = 0;
};

// What the smoothing makes of `y` from `state` on.
Run Smooth(std::span<const double> y, Smoothing state, const HoltWintersSpec& spec) {
  Run run;
  for (std::size_t i = 0; i < y.size(); ++i) {
    double& season = state.season[i % state.season.size()];
    const double expected = state.level + state.trend;
    run.errors.push_back(y[i] - expected - season);
    const double level = spec.alpha * (y[i] - season) + (1 - spec.alpha) * expected;
    season = spec.gamma * (y[i] - expected) + (1 - spec.gamma) * season;
    state.trend = spec.beta * (level - state.level) + (1 - spec.beta) * state.trend;
    state.level = level;
  }
  run.forecast = state.level + state.trend + state.season[y.size() % state.season.size()];
  return run;
}

// One of the numbers that a smoothing begins with set to 1, all others 0: the level, the trend, or
// a season but for the first, which stays 0 (a level can be moved into the season).
Smoothing UnitStart(std::size_t index, std::size_t periods) {
  Smoothing start{0, 0, std::vector<double>(periods, 0)};
  if (index == 0) start.level = 1;
  if (index == 1) start.trend = 1;
  if (index > 1) start.season[index - 1] = 1;
  return start;
}

double Dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// Solves a · x = b for a symmetric, positive definite `a` by elimination; what is not determined
// is 0.
std::vector<double> Solve(std::vector<std::vector<double>> a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t pivot = 0; pivot < n; ++pivot) {
    if (a[pivot][pivot] < kSingular) continue;
    for (std::size_t row = pivot + 1; row < n; ++row) {
      const double factor = a[row][pivot] / a[pivot][pivot];
      for (std::size_t k = pivot; k < n; ++k) a[row][k] -= factor * a[pivot][k];
      b[row] -= factor * b[pivot];
    }
  }
  std::vector<double> x(n, 0);
  for (std::size_t row = n; row-- > 0;) {
    if (a[row][row] < kSingular) continue;
    double rest = b[row];
    for (std::size_t k = row + 1; k < n; ++k) rest -= a[row][k] * x[k];
    x[row] = rest / a[row][row];
  }
  return x;
}

}  // namespace

Replicas LinearForecast(std::span<const TimedReplicas> history, TimePoint at) {
  std::vector<double> x;
  std::vector<double> y;
  for (const TimedReplicas& value : history) {
    x.push_back(SimSeconds(value.time - at).count());
    y.push_back(value.replicas);
  }
  return ToReplicas(FitLine(x, y).at_zero);
}

std::size_t HoltWintersSpec::LeastValues() const {
  return static_cast<std::size_t>(std::max(2 * periods, 10 + 2 * (periods / 2)));
}

// The errors and the forecast are linear in the start, so the best start is a least-squares
// problem, and the forecast from it a sum.
Replicas HoltWintersForecast(std::span<const TimedReplicas> series, const HoltWintersSpec& spec) {
  if (series.size() < spec.LeastValues()) return 0;
  std::vector<double> y;
  for (const TimedReplicas& value : series) y.push_back(value.replicas);
  const auto periods = static_cast<std::size_t>(spec.periods);
  const std::vector<double> nothing(y.size(), 0);
  const Run base = Smooth(y, {0, 0, std::vector<double>(periods, 0)}, spec);
  std::vector<Run> units;
  for (std::size_t i = 0; i <= periods; ++i) {
    units.push_back(Smooth(nothing, UnitStart(i, periods), spec));
  }
  std::vector<std::vector<double>> products(units.size());
  std::vector<double> errors;
  for (std::size_t i = 0; i < units.size(); ++i) {
    for (const Run& unit : units) products[i].push_back(Dot(units[i].errors, unit.errors));
    errors.push_back(-Dot(units[i].errors, base.errors));
  }
  const std::vector<double> start = Solve(std::move(products), std::move(errors));
  double forecast = base.forecast;
  for (std::size_t i = 0; i < units.size(); ++i) forecast += start[i] * units[i].forecast;
  return ToReplicas(forecast);
}

}  // namespace evenkeel
