// How the `slo` module came to its number: enough to compute it by hand from the decision line and
// the status (slo_demand.hpp and slo_target.hpp have the formulas).
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "policies/slo_demand.hpp"
#include "policies/slo_view.hpp"

namespace evenkeel::slo {

// The ratios and the model behind a decision, as numbers.
[[nodiscard]] nlohmann::json Evidence(const View& view, const std::optional<Demand>& demand);

// "demand:4.9,noise:0.14,trend:0.01/s,horizon:45s,ahead:5.31,target:60%,work:20ms". Replicas for
// growth are ahead / target, for scale-in (demand + noise) / target, rounded up. ",limit:66/s"
// where a pod's own limit is known (slo_probe.hpp). Empty while no demand is known.
[[nodiscard]] std::string Working(const View& view, const std::optional<Demand>& demand);

}  // namespace evenkeel::slo
