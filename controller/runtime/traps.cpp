#include "controller/runtime/traps.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "controller/core/time_format.hpp"
#include "controller/prometheus/planner.hpp"
#include "policies/suggest.hpp"

namespace evenkeel {
namespace {

using std::chrono::seconds;

class Traps {
 public:
  void Add(bool when, std::string_view path, std::string message) {
    if (when) found_.push_back({std::string(path), std::move(message)});
  }
  [[nodiscard]] std::vector<FieldError> Take() { return std::move(found_); }

 private:
  std::vector<FieldError> found_;
};

void AddBounds(const ScalingPolicy& policy, Traps& traps) {
  const TargetSpec& target = policy.target;
  traps.Add(
      target.min_replicas == 0, "spec.minReplicas",
      "0 lets the target go to no replicas: until the first pod is ready again, requests fail, "
      "unless the proxy in front holds them");
  traps.Add(target.min_replicas == target.max_replicas, "spec.maxReplicas",
            "equals minReplicas: the number of replicas can never change");
  traps.Add(policy.mode == Mode::kObserve, "spec.mode",
            "Observe decides and reports, and changes nothing");
}

// A process that also reports its event loop measures its latency behind the queue, not before.
bool MeasuredInProcess(const MetricsSpec& metrics, const PresetTable& presets) {
  if (metrics.queries.contains(std::string(signal::kLatencyP99))) return false;
  const Preset* preset = FindPreset(presets, metrics.latency_preset);
  return preset != nullptr &&
         !(preset->runtime.lag_p99.empty() && !preset->runtime.HasUtilization());
}

void AddUnknownPreset(const std::string& name, std::string_view path, const PresetTable& presets,
                      Traps& traps) {
  traps.Add(FindPreset(presets, name) == nullptr, path,
            "this version has no preset \"" + name +
                "\", so its signals will stay unknown; known are " +
                AllowedWords(name, PresetNames(presets)));
}

void AddSignals(const ScalingPolicy& policy, const PresetTable& presets, Traps& traps) {
  const MetricsSpec& metrics = policy.metrics;
  const Objectives& objectives = policy.target.objectives;
  const bool one_preset = metrics.latency_preset == metrics.runtime_preset;
  AddUnknownPreset(metrics.latency_preset,
                   one_preset ? "spec.metrics.preset" : "spec.metrics.presets.latency", presets,
                   traps);
  if (!one_preset)
    AddUnknownPreset(metrics.runtime_preset, "spec.metrics.presets.runtime", presets, traps);
  traps.Add(
      metrics.window < seconds{30}, "spec.metrics.window",
      FormatDuration(metrics.window) +
          " holds fewer than two scrapes of 15s, so rates are often not covered by samples; at "
          "least four scrape intervals are advised");
  traps.Add(
      objectives.latency_p99 && !objectives.event_loop_utilization &&
          MeasuredInProcess(metrics, presets),
      "spec.objectives.latencyP99",
      "is measured inside the process (preset " + metrics.latency_preset +
          "), which does not see requests that wait for the event loop; take latency from the "
          "ingress (metrics.presets.latency) or add objectives.eventLoopUtilization");
  const bool others = objectives.latency_p99 || objectives.event_loop_lag_p99 ||
                      objectives.event_loop_utilization || policy.policies.size() > 1;
  traps.Add(
      objectives.error_rate && !others, "spec.objectives.errorRate",
      "is the only objective: errors by themselves never grow a service without bound, so add "
      "latencyP99 or eventLoopUtilization");
}

void AddUnusedQueries(const ScalingPolicy& policy, Traps& traps) {
  const std::vector<Need> needs = NeedsOf(policy).needs;
  for (const auto& [signal, promql] : policy.metrics.queries) {
    traps.Add(std::ranges::find(needs, signal, &Need::signal) == needs.end(),
              "spec.metrics.queries[" + signal + "]",
              "is asked for by no objective and no module, so it is never asked");
  }
}

void AddBehavior(const ScalingPolicy& policy, Traps& traps) {
  traps.Add(policy.behavior.scale_up.select_policy == SelectPolicy::kDisabled,
            "spec.behavior.scaleUp.selectPolicy", "Disabled: the service can never grow");
  traps.Add(policy.behavior.scale_down.stabilization_window == seconds{0},
            "spec.behavior.scaleDown.stabilizationWindowSeconds",
            "0 takes replicas away at the first quiet moment; the default is 300");
  traps.Add(policy.fallback && policy.fallback->replicas < policy.target.min_replicas,
            "spec.fallback.replicas", "is below minReplicas, so the fallback never does anything");
}

}  // namespace

std::vector<FieldError> FindTraps(const ScalingPolicy& policy, const PresetTable& presets) {
  Traps traps;
  AddBounds(policy, traps);
  AddSignals(policy, presets, traps);
  AddUnusedQueries(policy, traps);
  AddBehavior(policy, traps);
  return traps.Take();
}

}  // namespace evenkeel
