#include "controller/simulate/pod_sampler.hpp"

#include <algorithm>
#include <utility>

#include "controller/simulate/telemetry.hpp"

namespace evenkeel {

void PodSampler::Take(double now) {
  std::map<PodIndex, Totals> totals;
  samples_.clear();
  for (const PodIndex pod : deployment_.Running()) {
    const double since = deployment_.ReadySince(pod);
    const auto known = last_.find(pod);
    Totals before = known != last_.end() ? known->second : Totals{.at = since};
    if (before.name.empty()) before.name = Telemetry::NameOf(pod);
    Totals& after = totals[pod];
    after = {now, plant_.InFlightSeconds(pod), plant_.BusySeconds(pod),
             static_cast<double>(plant_.PodCounters(pod).requests), std::move(before.name)};
    const double time = std::max(now - before.at, 1e-3);
    samples_.push_back({after.name, deployment_.IsReady(pod), SimSeconds{now - since},
                        (after.in_flight - before.in_flight) / time,
                        (after.busy - before.busy) / time,
                        (after.requests - before.requests) / time});
  }
  last_ = std::move(totals);  // nodes stay where they are, and so do the names
}

}  // namespace evenkeel
