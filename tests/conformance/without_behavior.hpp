// The HPA's rules for an object without `spec.behavior`. Production has no use for them: here an
// absent behavior means autoscaling/v2's defaults.
#pragma once

#include "conformance/vectors.hpp"
#include "controller/core/history.hpp"

namespace evenkeel::conformance {

// The greatest of the proposal and the recommendations of the last `window`; one exactly as old
// still counts.
[[nodiscard]] Replicas StabilizeWithoutBehavior(const History& history, Replicas proposal,
                                                std::chrono::seconds window);

// At most twice the present size, or 4, at once; down without a limit; then the bounds.
[[nodiscard]] Answer LimitWithoutBehavior(Replicas current, Replicas wanted, Replicas least,
                                          Replicas most);

// A vector of kind stabilize, rate or whole with `behavior: false`.
[[nodiscard]] Answer NormalizeWithoutBehavior(const nlohmann::json& vector);

}  // namespace evenkeel::conformance
