#include "controller/simulate/svg.hpp"

#include "controller/simulate/score_table.hpp"

namespace evenkeel {
namespace {

std::string Attribute(std::string_view name, double value) {
  return " " + std::string(name) + "=\"" + SvgNumber(value) + "\"";
}

std::string Class(std::string_view css_class) {
  return " class=\"" + std::string(css_class) + "\"";
}

bool IsForbidden(char c) {
  return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

std::string Place(double x, double y) { return SvgNumber(x) + "," + SvgNumber(y); }

}  // namespace

std::string Escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += IsForbidden(c) ? std::string("\uFFFD") : std::string(1, c);
    }
  }
  return safe;
}

std::string SvgNumber(double value) {
  std::string text = FixedText(value, 1);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string SvgLine(double x1, double y1, double x2, double y2, std::string_view css_class) {
  return "<line" + Class(css_class) + Attribute("x1", x1) + Attribute("y1", y1) +
         Attribute("x2", x2) + Attribute("y2", y2) + "/>\n";
}

std::string SvgRect(double x, double y, double width, double height, std::string_view css_class) {
  return "<rect" + Class(css_class) + Attribute("x", x) + Attribute("y", y) +
         Attribute("width", width) + Attribute("height", height) + "/>\n";
}

std::string SvgText(double x, double y, std::string_view css_class, std::string_view text) {
  return "<text" + Class(css_class) + Attribute("x", x) + Attribute("y", y) + ">" + Escaped(text) +
         "</text>\n";
}

std::string LinePath(const PlotCurve& curve, const PlotAxis& x, const PlotAxis& y) {
  std::string path;
  bool drawn = false;  // the point before
  for (const PlotPoint& point : curve) {
    // "h0": a point between two gaps is a dot.
    if (point.value && !drawn) path += "M" + Place(x.At(point.at), y.At(*point.value)) + "h0";
    if (point.value && drawn) path += "L" + Place(x.At(point.at), y.At(*point.value));
    drawn = point.value.has_value();
  }
  return path;
}

std::string StepPath(const PlotCurve& curve, const PlotAxis& x, const PlotAxis& y) {
  std::string path;
  std::optional<double> last;
  for (const PlotPoint& point : curve) {
    const bool at_end = &point == &curve.back();
    if (point.value && !last) path += "M" + Place(x.At(point.at), y.At(*point.value));
    if (last && (at_end || point.value != last)) path += "H" + SvgNumber(x.At(point.at));
    if (last && point.value && point.value != last) path += "V" + SvgNumber(y.At(*point.value));
    last = point.value;
  }
  return path;
}

}  // namespace evenkeel
