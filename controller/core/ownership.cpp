#include "controller/core/ownership.hpp"

#include <string>
#include <string_view>
#include <tuple>

#include "controller/core/decision.hpp"

namespace evenkeel {
namespace {

// "apps" of "apps/v1"; empty for the core group's "v1".
std::string_view GroupOf(std::string_view api_version) {
  const auto slash = api_version.find('/');
  return slash == std::string_view::npos ? std::string_view() : api_version.substr(0, slash);
}

bool SameTarget(const TargetRef& a, const TargetRef& b) {
  return a.kind == b.kind && a.name == b.name && GroupOf(a.api_version) == GroupOf(b.api_version);
}

bool HasBetterClaim(const Owner& owner, const ScalingPolicy& policy) {
  if (owner.kind != "ScalingPolicy") return true;
  return std::tie(owner.created, owner.key.name) < std::tie(policy.created, policy.key.name);
}

bool Conflicts(const Owner& owner, const ScalingPolicy& policy) {
  return owner.key.namespace_name == policy.key.namespace_name &&
         SameTarget(owner.target, policy.target_ref) && HasBetterClaim(owner, policy);
}

// The same one every round, whatever the order of the list: others' autoscalers before our own
// kind, and a ScaledObject before the HPA that KEDA makes of it.
bool NamedFirst(const Owner& a, const Owner& b) {
  const auto rank = [](const Owner& owner) {
    if (owner.kind == "ScalingPolicy") return 2;
    return owner.kind == "HorizontalPodAutoscaler" ? 1 : 0;
  };
  const int rank_a = rank(a);
  const int rank_b = rank(b);
  return std::tie(rank_a, a.created, a.key) < std::tie(rank_b, b.created, b.key);
}

std::string Describe(const Owner& owner, const ScalingPolicy& policy) {
  const bool ours = owner.kind == "ScalingPolicy";
  return policy.target_ref.ToString() + " is already scaled by " + (ours ? "the older " : "") +
         owner.kind + " " + owner.key.name + "; delete one of them, or set mode: Observe here";
}

}  // namespace

std::optional<Obstacle> FindConflict(const ScalingPolicy& policy,
                                     const std::vector<Owner>& owners) {
  if (policy.mode == Mode::kObserve) return std::nullopt;
  const Owner* named = nullptr;
  for (const Owner& owner : owners) {
    if (!Conflicts(owner, policy)) continue;
    if (named == nullptr || NamedFirst(owner, *named)) named = &owner;
  }
  if (named == nullptr) return std::nullopt;
  return Obstacle{std::string(reason::kConflictingOwner), Describe(*named, policy)};
}

}  // namespace evenkeel
