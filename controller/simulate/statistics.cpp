#include "controller/simulate/statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>

namespace evenkeel {
namespace {

constexpr double kNoticeable = 0.1;  // smaller effects are not called better or worse

double Mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

bool Dominates(const PlanePoint& a, const PlanePoint& b) {
  return a.bad_requests <= b.bad_requests && a.replica_hours <= b.replica_hours &&
         (a.bad_requests < b.bad_requests || a.replica_hours < b.replica_hours);
}

Comparison Compare(const Estimate& difference, double theirs) {
  const bool excludes_zero =
      difference.half.has_value() && std::abs(difference.mean) > *difference.half;
  if (!excludes_zero || std::abs(difference.mean) <= kNoticeable * std::abs(theirs)) {
    return Comparison::kUndecided;
  }
  return difference.mean < 0 ? Comparison::kBetter : Comparison::kWorse;
}

}  // namespace

// The first from the usual tables; beyond, Abramowitz and Stegun, Handbook of Mathematical
// Functions, 26.7.5 (Cornish and Fisher's expansion).
double StudentT95(std::size_t degrees) {
  static constexpr std::array kFirst = {12.70620, 4.30265, 3.18245, 2.77645, 2.57058,
                                        2.44691,  2.36462, 2.30600, 2.26216};
  if (degrees <= kFirst.size()) return kFirst[std::max<std::size_t>(degrees, 1) - 1];
  const double z = 1.959964;
  const double n = static_cast<double>(degrees);
  const auto power = [&](int exponent) { return std::pow(z, exponent); };
  return z + (power(3) + z) / (4 * n) + (5 * power(5) + 16 * power(3) + 3 * z) / (96 * n * n) +
         (3 * power(7) + 19 * power(5) + 17 * power(3) - 15 * z) / (384 * std::pow(n, 3)) +
         (79 * power(9) + 776 * power(7) + 1482 * power(5) - 1920 * power(3) - 945 * z) /
             (92160 * std::pow(n, 4));
}

Estimate EstimateOf(std::span<const double> values) {
  Estimate estimate{Mean(values)};
  if (values.size() < 2) return estimate;
  double squares = 0;
  for (const double value : values) squares += (value - estimate.mean) * (value - estimate.mean);
  const auto count = static_cast<double>(values.size());
  estimate.half = StudentT95(values.size() - 1) * std::sqrt(squares / (count - 1) / count);
  return estimate;
}

std::string_view ToString(Comparison comparison) {
  switch (comparison) {
    case Comparison::kBetter:
      return "better";
    case Comparison::kWorse:
      return "worse";
    case Comparison::kUndecided:
      return "undecided";
  }
  return "";
}

Difference DifferenceOf(std::span<const double> ours, std::span<const double> theirs) {
  std::vector<double> differences(ours.size());
  std::ranges::transform(ours, theirs, differences.begin(), std::minus<>());
  const double base = Mean(theirs);
  Difference result{.absolute = EstimateOf(differences)};
  if (base != 0) result.relative = result.absolute.mean / base;
  result.comparison = Compare(result.absolute, base);
  return result;
}

std::vector<bool> OnParetoFront(std::span<const PlanePoint> points) {
  std::vector<bool> front;
  for (const PlanePoint& point : points) {
    front.push_back(std::ranges::none_of(
        points, [&](const PlanePoint& other) { return Dominates(other, point); }));
  }
  return front;
}

}  // namespace evenkeel
