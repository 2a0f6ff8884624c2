// PlotPanel: one of several plots above each other that share a time axis, as parts of an <svg>
// element. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "controller/simulate/plot_axis.hpp"
#include "controller/simulate/plot_curves.hpp"

namespace evenkeel {

// Whose curve it is.
struct CurveName {
  std::size_t policy = 0;  // its number in classes and data-p
  std::string name{};
  bool limit = false;
  bool visible = true;
};

class PlotPanel {
 public:
  static constexpr double kWidth = 980;
  static constexpr double kLeft = 52;    // of the plot; before it stand the values of its axis
  static constexpr double kRight = 810;  // after it stand the names of the curves
  static constexpr double kGap = 5;      // between a text and what it belongs to
  static constexpr int kMostTimes = 13;  // on the time axis

  // The plot is between these heights, the title above it; x is in seconds.
  PlotPanel(const PlotAxis& x, const PlotAxis& y, double top, double bottom)
      : x_(x), y_(y), top_(top), bottom_(bottom) {}

  // The title, a grid, and about `most` values of y, as `text` writes them.
  [[nodiscard]] std::string Frame(std::string_view title, int most,
                                  std::string (*text)(double)) const;
  // A line that belongs to no policy.
  [[nodiscard]] std::string Common(const PlotCurve& curve, std::string_view css_class) const;
  // What is below steps, likewise.
  [[nodiscard]] std::string Area(const PlotCurve& steps, std::string_view css_class) const;
  [[nodiscard]] std::string Objective(double value, const std::string& text) const;
  // A policy's curve, as straight lines or as steps, with its name behind the last point; empty
  // where nothing is known.
  [[nodiscard]] std::string Lines(const CurveName& name, const PlotCurve& curve) const;
  [[nodiscard]] std::string Steps(const CurveName& name, const PlotCurve& curve) const;
  // All that is in the panel, as a group. Who moves its names apart finds in data-bottom how low
  // they may be, and in data-y where each belongs.
  [[nodiscard]] std::string Group(const std::string& svg) const;

 private:
  [[nodiscard]] std::string Named(const CurveName& name, const PlotCurve& curve,
                                  const std::string& path) const;

  PlotAxis x_;
  PlotAxis y_;
  double top_;
  double bottom_;
};

}  // namespace evenkeel
