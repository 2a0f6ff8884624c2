// Requests in flight, followed over a window: what a proxy counts are the requests that end, and
// only together with what piles up, or drains, meanwhile they are those that came.
#pragma once

#include <vector>

#include "policies/slo_view.hpp"

namespace evenkeel::slo {

// Are there newer and older samples?
[[nodiscard]] bool IsFollowed(const View& view, const std::vector<InFlight>& past);

// Requests/s that came and have not gone since the sample before the newest one in `view`; below 0
// while more go than come; 0 where one of the two is not known.
[[nodiscard]] double PiledSinceLast(const View& view, const std::vector<InFlight>& past);

// Likewise over what the rate of requests reaches over, so that both together are exactly what came
// in that time. While the past is shorter, its oldest sample stands for what was before.
[[nodiscard]] double PiledOverWindow(const View& view, const std::vector<InFlight>& past);

// With the newest sample, of a window at most; nothing without a rate beside it. `calm`: what is
// older matters no more.
[[nodiscard]] std::vector<InFlight> RememberInFlight(const View& view, std::vector<InFlight> past,
                                                     bool calm);

}  // namespace evenkeel::slo
