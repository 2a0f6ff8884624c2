#include "controller/simulate/plot_panel.hpp"

#include <algorithm>

#include "controller/simulate/svg.hpp"

namespace evenkeel {
namespace {

constexpr double kHalfLetter = 3.5;
constexpr std::size_t kLongestName = 28;  // letters that fit behind the curves

// Cut between characters.
std::string Shortened(const std::string& name) {
  std::size_t letters = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(name[i]) & 0xC0) != 0x80;
    if (begins && ++letters > kLongestName) return name.substr(0, i) + "…";
  }
  return name;
}

std::string PathOf(std::string_view css_class, const std::string& path) {
  return "<path class=\"" + std::string(css_class) + "\" d=\"" + path + "\"/>\n";
}

}  // namespace

std::string PlotPanel::Frame(std::string_view title, int most, std::string (*text)(double)) const {
  std::string svg = SvgText(kLeft, top_ - kGap, "title", title);
  for (const double time : x_.TimeTicks(kMostTimes)) {
    svg += SvgLine(x_.At(time), top_, x_.At(time), bottom_, "grid");
  }
  for (const double tick : y_.Ticks(most)) {
    svg += SvgLine(kLeft, y_.At(tick), kRight, y_.At(tick), "grid");
    svg += SvgText(kLeft - kGap, y_.At(tick) + kHalfLetter, "value", text(tick));
  }
  return svg;
}

std::string PlotPanel::Common(const PlotCurve& curve, std::string_view css_class) const {
  return PathOf(css_class, LinePath(curve, x_, y_));
}

std::string PlotPanel::Area(const PlotCurve& steps, std::string_view css_class) const {
  if (steps.empty()) return "";
  return PathOf(css_class, StepPath(steps, x_, y_) + "V" + SvgNumber(bottom_) + "H" +
                               SvgNumber(x_.At(steps.front().at)) + "Z");
}

std::string PlotPanel::Objective(double value, const std::string& text) const {
  const double y = y_.At(value);
  return SvgLine(kLeft, y, kRight, y, "objective") +
         SvgText(kRight - kGap, y - kGap, "objective", text);
}

std::string PlotPanel::Lines(const CurveName& name, const PlotCurve& curve) const {
  return Named(name, curve, LinePath(curve, x_, y_));
}

std::string PlotPanel::Steps(const CurveName& name, const PlotCurve& curve) const {
  return Named(name, curve, StepPath(curve, x_, y_));
}

std::string PlotPanel::Named(const CurveName& name, const PlotCurve& curve,
                             const std::string& path) const {
  const auto last = std::find_if(curve.rbegin(), curve.rend(),
                                 [](const PlotPoint& point) { return point.value.has_value(); });
  if (last == curve.rend()) return "";
  const std::string number = std::to_string(name.policy);
  const std::string y = SvgNumber(y_.At(*last->value) + kHalfLetter);
  return "<g class=\"curve p" + number + (name.limit ? " limit" : "") +
         (name.visible ? "" : " off") + "\" data-p=\"" + number + "\"><title>" +
         Escaped(name.name) + "</title><path d=\"" + path + "\"/><text x=\"" +
         SvgNumber(kRight + kGap) + "\" y=\"" + y + "\" data-y=\"" + y + "\">" +
         Escaped(Shortened(name.name)) + "</text></g>\n";
}

std::string PlotPanel::Group(const std::string& svg) const {
  return "<g class=\"panel\" data-bottom=\"" + SvgNumber(bottom_ + kHalfLetter) + "\">\n" + svg +
         "</g>\n";
}

}  // namespace evenkeel
