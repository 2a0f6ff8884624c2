// The panels of a scenario: load, P99, utilization and replicas over one time axis, drawn from the
// records of the first seed. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "controller/simulate/score_table.hpp"
#include "controller/simulate/study.hpp"

namespace evenkeel {

struct ShownPolicy {
  std::size_t policy = 0;  // index into the study
  bool visible = false;    // at first; a reader may change it
};

// Those of the table's rows that have a record of the first seed. Visible are the first policy of
// the study and the rivals and limits that people ask for first; all where there are few.
[[nodiscard]] std::vector<ShownPolicy> ShownPolicies(const Study& study, const ScoreTable& table);

// An <svg> element. `shown` is not empty. What belongs to policy 3 is <g class="curve p3"
// data-p="3">, with the class "off" if it is not visible; load and needed replicas, which are the
// same for all, are taken from the first.
[[nodiscard]] std::string PanelsSvg(const Study& study, std::size_t scenario,
                                    const std::vector<ShownPolicy>& shown);

}  // namespace evenkeel
