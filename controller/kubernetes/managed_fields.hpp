// Who wrote a field of an object, from metadata.managedFields.
#pragma once

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "controller/core/observation.hpp"

namespace evenkeel {

// All that FindReplicasWriter reads of an object.
inline constexpr std::array<std::string_view, 4> kWriterFields = {
    "metadata.managedFields.manager", "metadata.managedFields.subresource",
    "metadata.managedFields.time", "metadata.managedFields.fieldsV1.f:spec.f:replicas"};

// Who set spec.replicas of `object`, a workload. An owner of a field loses it when another changes
// its value; so if we are among the owners, the value is ours. Else several owners have applied the
// same value, and the newest of them is named. Nothing if the managed fields were stripped.
[[nodiscard]] std::optional<ReplicasWriter> FindReplicasWriter(const nlohmann::json& object);

}  // namespace evenkeel
