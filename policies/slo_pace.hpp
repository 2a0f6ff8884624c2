// What a pod is known to do where the event loops tell nothing of themselves: the highest rate per
// pod at which a service at rest met its objectives easily, its pace. It is a lower bound of the
// capacity.
//
// Growth     For latency above its objective: the requests/s that come now / the pace, but at most
//            four times the pods at once (a pace that was learned in a quiet night is far too low),
//            and no less than the step that the breach alone would ask for. The rate of the window
//            lags behind the load; what it has risen by since the last reading belongs to the time
//            between (slo_demand.hpp).
// Scale-in   Down to a quarter more than the pace allows, at once, but at most to half of the pods.
//            From there on by tenths, which is how the pace rises.
// A breach at or below the pace says that a request costs more than it did: the pace is then nine
// tenths of what each pod was given.
#pragma once

#include "policies/slo_memory.hpp"
#include "policies/slo_view.hpp"

namespace evenkeel::slo {

// Pods for the requests that come now, as a multiple of those there are: 0 while no pace is known.
[[nodiscard]] double NeededByPace(const View& view);

// `met_easily`: a tenth of what the objectives allow. `breached`: pods were asked for, for latency.
void LearnPace(const View& view, bool met_easily, bool breached, Memory& memory);

}  // namespace evenkeel::slo
