#include "controller/prometheus/zero.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace evenkeel {
namespace {

bool ExistsWithoutPods(const MetricsSpec& metrics, const std::string& signal,
                       const PresetTable& presets) {
  if (metrics.queries.contains(signal)) return true;
  if (signal != signal::kRequestRate && signal != signal::kInFlight) return false;
  const Preset* preset = FindPreset(presets, metrics.latency_preset);
  return preset != nullptr && preset->requests.outlives_pods;
}

}  // namespace

std::optional<FieldError> NeverComesBack(const ScalingPolicy& policy, const PresetTable& presets) {
  if (policy.target.min_replicas > 0) return std::nullopt;
  for (const PolicyModule& module : policy.policies) {
    const std::vector<Need> needs = module.policy->Needs(policy.target);
    const bool wakes = std::any_of(needs.begin(), needs.end(), [&](const Need& need) {
      return ExistsWithoutPods(policy.metrics, need.signal, presets);
    });
    if (wakes) return std::nullopt;
  }
  return FieldError{
      "spec.minReplicas",
      "0 needs a signal that exists without pods, or the target could never come back: take "
      "requests from the proxy in front (metrics.presets.latency, e.g. ingress-nginx), or give a "
      "query of your "
      "own for requestRate in metrics.queries; or set minReplicas to 1"};
}

}  // namespace evenkeel
