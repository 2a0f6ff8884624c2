// The events of a scenario as marks on its time axis. Pure.
#pragma once

#include <string>
#include <vector>

#include "controller/simulate/plot_axis.hpp"
#include "controller/simulate/scenario.hpp"

namespace evenkeel {

// "databaseSlow ×5", "podSlow ×4, 2 pods", "errors 60 %".
[[nodiscard]] std::string EventText(const ScenarioEvent& event);

class EventMarks {
 public:
  // Labels stand in rows above `top`, as many as it takes for none to cover another.
  EventMarks(const Scenario& scenario, const PlotAxis& x);

  [[nodiscard]] double Height() const;  // of all rows
  // A line for each, a band for as long as it lasts, and its label. Rows begin at 0; lines end at
  // `bottom`.
  [[nodiscard]] std::string Svg(double bottom) const;

 private:
  struct Mark {
    double begin;
    double end;     // where its time is over
    bool leftward;  // its label ends at the line, since there is no room on the right
    int row;
    std::string text;
  };
  std::vector<Mark> marks_;
};

}  // namespace evenkeel
