#include "controller/simulate/truth.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace evenkeel {

Truth TruthOf(const Scenario& scenario, const std::vector<double>& rates, double max_utilization) {
  Truth truth;
  truth.max_utilization = max_utilization;
  truth.rate = [&rates](SimSeconds time) {
    const double last = static_cast<double>(rates.size()) - 1;
    return rates.empty() ? 0 : rates[static_cast<std::size_t>(std::clamp(time.count(), 0.0, last))];
  };
  truth.work = [&scenario](SimSeconds time) {
    double work = scenario.pod.work.count();
    double release = 1;
    for (const ScenarioEvent& event : scenario.events) {
      if (time < event.at) continue;
      if (event.kind == EventKind::kRelease) release = event.amount;
      if (event.kind == EventKind::kWorkFactor && time < event.End()) work *= event.amount;
    }
    return work * release;
  };
  return truth;
}

Replicas NeededAt(const Truth& truth, const Scenario& scenario, SimSeconds time) {
  const double erlangs = truth.rate(time) * truth.work(time);
  const double needed = std::ceil(erlangs / truth.max_utilization - 1e-9);
  return static_cast<Replicas>(std::clamp(needed, static_cast<double>(scenario.min_replicas),
                                          static_cast<double>(scenario.max_replicas)));
}

}  // namespace evenkeel
