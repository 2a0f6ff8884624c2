// PlotAxis: where values lie on a plot, and which of them are written beside it. Pure.
#pragma once

#include <string>
#include <vector>

namespace evenkeel {

class PlotAxis {
 public:
  // From the value `low` at coordinate `begin` to `high` at `end`; low < high.
  [[nodiscard]] static PlotAxis Linear(double low, double high, double begin, double end);
  // Likewise with a logarithmic scale, widened to the next 1, 2 or 5 times a power of ten; 0 < low.
  [[nodiscard]] static PlotAxis Logarithmic(double low, double high, double begin, double end);

  [[nodiscard]] bool logarithmic() const { return logarithmic_; }

  // Values beyond an end lie on it.
  [[nodiscard]] double At(double value) const;

  // Round values within it: a linear axis has at most about `most`, a logarithmic one all 1, 2 and
  // 5 times a power of ten, or only the powers where those are more than `most`.
  [[nodiscard]] std::vector<double> Ticks(int most) const;
  // Times in seconds at whole minutes or hours, at most `most` and the one at the beginning.
  [[nodiscard]] std::vector<double> TimeTicks(int most) const;

 private:
  PlotAxis(double low, double high, double begin, double end, bool logarithmic);

  double low_;
  double high_;
  double begin_;
  double end_;
  bool logarithmic_;
};

// The least round value (1, 2 or 5 times a power of ten) that is not below; value > 0.
[[nodiscard]] double RoundUp(double value);

// As short as it can be to four digits: "0.25", "12", "1500".
[[nodiscard]] std::string TickText(double value);

}  // namespace evenkeel
