// Curves of an episode, thinned out for a plot. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "controller/simulate/record.hpp"

namespace evenkeel {

struct PlotPoint {
  double at = 0;                  // s since the beginning of the episode
  std::optional<double> value{};  // nothing is known: a gap in the line

  bool operator==(const PlotPoint&) const = default;
};
using PlotCurve = std::vector<PlotPoint>;

// A record that has more seconds or windows is cut into at most this many equal parts, and each
// gives a point.
inline constexpr std::size_t kMostPlotPoints = 720;

// Means, in the middle of each part.
[[nodiscard]] PlotCurve LoadCurve(const Record& record);         // requests/s
[[nodiscard]] PlotCurve UtilizationCurve(const Record& record);  // gaps without a ready pod
// The greatest of each part, so that no peak is lost; gaps without requests.
[[nodiscard]] PlotCurve P99Curve(const Record& record);  // s
// Steps, each from the beginning of its part, the greatest of it; and a last point at the end.
[[nodiscard]] PlotCurve ReplicasCurve(const Record& record);  // asked for
[[nodiscard]] PlotCurve NeededCurve(const Record& record);

}  // namespace evenkeel
