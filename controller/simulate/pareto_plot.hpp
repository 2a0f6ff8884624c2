// The trade between bad requests and replica hours in one scenario: a point per policy, with its
// 95 % intervals. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "controller/simulate/study.hpp"

namespace evenkeel {

// An <svg> element with the outcomes of this scenario; there is at least one. The front of the
// rivals is a line of steps, what is on it a full circle and what is behind it an empty one; limits
// are squares beside it. Bad requests are on a logarithmic scale if all are above 0 and far apart.
// Of a family with several settings, only those that are best on an axis have their names written.
[[nodiscard]] std::string ParetoSvg(const Study& study, std::size_t scenario,
                                    const std::vector<PolicyOutcome>& outcomes);

}  // namespace evenkeel
