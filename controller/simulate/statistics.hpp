// What many seeds say together: means with their 95 % intervals, paired differences, and the Pareto
// front. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace evenkeel {

// The two-sided 95 % quantile of Student's t: 12.706 for one degree of freedom, 1.960 for many.
// Exact to 0.0001. `degrees` >= 1.
[[nodiscard]] double StudentT95(std::size_t degrees);

// A mean and the interval that holds the true one in 95 of 100 cases, if seeds are independent and
// their means about normal.
struct Estimate {
  double mean = 0;
  std::optional<double> half{};  // of the interval's width; unknown from a single value

  bool operator==(const Estimate&) const = default;
};
// Of at least one value.
[[nodiscard]] Estimate EstimateOf(std::span<const double> values);

enum class Comparison { kBetter, kWorse, kUndecided };
[[nodiscard]] std::string_view ToString(Comparison comparison);  // "better", ...

// Of two policies on the same seeds, where lower is better.
struct Difference {
  Estimate absolute{};               // ours less theirs
  std::optional<double> relative{};  // absolute.mean / their mean; unknown where that is 0
  // Decided only if the interval excludes 0 and the effect is above 10 % of their mean.
  Comparison comparison = Comparison::kUndecided;
};
// Both of the same length, at least one; value i of both is of one seed.
[[nodiscard]] Difference DifferenceOf(std::span<const double> ours, std::span<const double> theirs);

struct PlanePoint {
  double bad_requests = 0;
  double replica_hours = 0;
};
// Whether no other point is at least as good on both axes and better on one; in order of the
// points.
[[nodiscard]] std::vector<bool> OnParetoFront(std::span<const PlanePoint> points);

}  // namespace evenkeel
