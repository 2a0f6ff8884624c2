// Loads that come back: what scale-in keeps pods for.
//
// A load that falls and soon returns finds the pods gone that it needs, and pays for their start
// every time. Where an overload comes within ten minutes of a scale-in, the service is taken to
// have such a load, and the scale-in is regretted (as Captain of Autothrottle, NSDI 2024, rolls
// back a cut that was). The time between the last peak of the demand and that overload tells how
// long the load stays away: from now on pods for the peak are kept for half as long again, five
// minutes at least, half an hour at most, until six hours have gone by without another such
// overload.
#pragma once

#include <optional>

#include "policies/slo_demand.hpp"
#include "policies/slo_view.hpp"

namespace evenkeel::slo {

// Erlangs of the peak that pods are kept for now; 0: there is none.
[[nodiscard]] double KeptFor(const View& view);

// Follows the peak and the size of the target. `surprise`: an overload begins.
void RememberPeak(const View& view, const std::optional<Demand>& demand, bool surprise,
                  Memory& memory);

}  // namespace evenkeel::slo
