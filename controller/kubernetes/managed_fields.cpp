#include "controller/kubernetes/managed_fields.hpp"

#include <optional>
#include <utility>

#include "controller/kubernetes/json_access.hpp"
#include "controller/kubernetes/requests.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;

// We write through /scale alone; somebody's manifest may be applied under our name.
bool IsOurs(const json& entry) {
  return StringField(entry, "manager") == kFieldManager &&
         StringField(entry, "subresource") == "scale";
}

bool OwnsReplicas(const json& entry) {
  return FindField(entry, "fieldsV1.f:spec.f:replicas") != nullptr;
}

}  // namespace

std::optional<ReplicasWriter> FindReplicasWriter(const json& object) {
  const json* entries = FindField(object, "metadata.managedFields");
  if (entries == nullptr || !entries->is_array()) return std::nullopt;
  std::optional<ReplicasWriter> writer;
  for (const json& entry : *entries) {
    if (!OwnsReplicas(entry)) continue;
    ReplicasWriter owner{StringField(entry, "manager"), IsOurs(entry),
                         TimeField(entry, "time").value_or(TimePoint{})};
    if (owner.ours) return owner;
    if (!writer || owner.time >= writer->time) writer = std::move(owner);
  }
  return writer;
}

}  // namespace evenkeel
