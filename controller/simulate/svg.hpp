// What HTML and SVG text is made of. All lengths are in user units of the drawing. Pure.
#pragma once

#include <string>
#include <string_view>

#include "controller/simulate/plot_axis.hpp"
#include "controller/simulate/plot_curves.hpp"

namespace evenkeel {

// Safe as text and as an attribute's value, in HTML and XML alike: what would be markup is escaped,
// what may not be there (control characters) is replaced.
[[nodiscard]] std::string Escaped(std::string_view text);

// At most one decimal, which is finer than eyes are: "12.5", "3".
[[nodiscard]] std::string SvgNumber(double value);

[[nodiscard]] std::string SvgLine(double x1, double y1, double x2, double y2,
                                  std::string_view css_class);
[[nodiscard]] std::string SvgRect(double x, double y, double width, double height,
                                  std::string_view css_class);
// `text` is plain and is escaped here. The class says where it is anchored.
[[nodiscard]] std::string SvgText(double x, double y, std::string_view css_class,
                                  std::string_view text);

// What goes into a path's `d`: straight lines between the points, none over a gap; or steps, each
// value until the next point.
[[nodiscard]] std::string LinePath(const PlotCurve& curve, const PlotAxis& x, const PlotAxis& y);
[[nodiscard]] std::string StepPath(const PlotCurve& curve, const PlotAxis& x, const PlotAxis& y);

}  // namespace evenkeel
