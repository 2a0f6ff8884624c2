// Slices: the answers to a plan for the past (PlanPast), cut into what each instant's own queries
// would have answered, so that Deal reads the past by the very rules by which it reads the present.
#pragma once

#include <span>
#include <vector>

#include "controller/prometheus/planner.hpp"

namespace evenkeel {

class Slices {
 public:
  // An answer that is not a matrix counts as malformed.
  explicit Slices(std::vector<Answer> answers);

  // The answers as of `time`, one of the plan's instants: vectors; of a range for a look-back what
  // lies within it. Valid until the next call.
  [[nodiscard]] std::span<const Answer> At(TimePoint time);

 private:
  std::vector<Answer> answers_;                    // as of the last At
  std::vector<std::vector<ResultSeries>> series_;  // per answer, over all the time
};

}  // namespace evenkeel
