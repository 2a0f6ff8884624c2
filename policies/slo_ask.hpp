// What the parts of the `slo` module ask for, and the asks for its objectives: latency, lag,
// errors.
#pragma once

#include <string>
#include <vector>

#include "policies/slo_view.hpp"

namespace evenkeel::slo {

// Which dead time an ask begins.
enum class Starts { kNothing, kStep, kSaturation, kShrink, kProbe, kGiveBack };

struct Ask {
  Replicas replicas = 0;
  std::string reason;
  std::string message;
  std::string bottleneck{};
  Starts starts = Starts::kNothing;
};

// Of the latency before: growth that has not lowered it to this has not helped.
inline constexpr double kFaster = 0.85;

// So many times as many, and at least one more.
[[nodiscard]] Replicas Grow(Replicas replicas, double factor);

// For as many as there are.
[[nodiscard]] Ask Stay(const View& view, std::string reason, std::string message,
                       std::string bottleneck = {});

// For each objective that is breached. A step is asked for once per dead time, and only where the
// breach may be for want of pods:
//   few        fewer than three late requests in a window say nothing of all others
//   one pod    a pod whose lag is far above the others', or that alone answers no scrape
//   cold       no requests wait for the event loops: they wait downstream (slo_probe.hpp)
//   in vain    growth that cut the loops' utilization by 30 % (or, where that is not known, three
//              times the pods) has neither lowered what is above by 15 % nor served more
// Its size is 20 % where `sized`: the demand is known, and asks for the rest by itself. Elsewhere
// larger breaches get larger steps.
[[nodiscard]] std::vector<Ask> AskForObjectives(const View& view, bool sized);

}  // namespace evenkeel::slo
