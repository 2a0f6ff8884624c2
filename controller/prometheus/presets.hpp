// Presets: which metric names and labels an exporter uses for the signals. They are data
// (presets.yaml, which also explains each field, and the controller's configuration), read by
// ParsePresets. A preset may describe requests (latency, errors, rate, in flight), the Node.js
// runtime (lag, ELU), or both; a policy takes each from one preset (metrics.presets).
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/core/scaling_policy.hpp"

namespace evenkeel {

// A metric with matchers that only it needs: `up{job="node"}` is {"up", "job=\"node\""}. Where a
// list of them is asked for, they are spellings of one thing: a series of an earlier one hides one
// with the same labels of a later one.
struct MetricRef {
  std::string name;
  std::string matchers{};

  bool operator==(const MetricRef&) const = default;
};
using MetricRefs = std::vector<MetricRef>;

// Counts requests by how they ended; one failed if one of `labels` matches the regex `failed`.
struct StatusCounter {
  MetricRefs metrics{};  // empty: what counts the requests
  std::vector<std::string> labels{};
  std::string failed = "5..";

  bool operator==(const StatusCounter&) const = default;
};

// Requests, as the exporter counts them. All names are metric names as Prometheus shows them.
struct RequestMetrics {
  MetricRefs histogram{};       // of durations, without _bucket; empty: no latency
  bool native = false;          // the histograms may be native ones
  double seconds_per_unit = 1;  // of the histogram: 0.001 for milliseconds
  MetricRefs count{};           // every request; empty: the histogram's count
  StatusCounter status{};       // without labels: no error rate
  MetricRefs failures{};        // counters of failures that `status` does not see
  std::string matchers{};       // what all these series must match besides: PromQL, may be empty
  MetricRefs in_flight{};       // gauges of requests being served or queued; empty: none
  // Whoever exports this goes on when the service has no pod left, and then still counts requests:
  // a proxy outside of the pods. Only then can a service be woken from zero replicas.
  bool outlives_pods = false;
  // In every scrape, also before the first request. From it Uncovered and Stale are told.
  MetricRefs heartbeat{};
  // Largest finite bounds (s) of the libraries that export this: a P99 that equals one is
  // "at least", because histogram_quantile cannot see beyond it.
  std::vector<double> largest_buckets{};

  bool operator==(const RequestMetrics&) const = default;
};

// Two histograms or counters whose quotient of increases is the ELU.
struct MetricRatio {
  MetricRef sum;
  MetricRef count;

  bool operator==(const MetricRatio&) const = default;
};

// The Node.js runtime, per pod.
struct RuntimeMetrics {
  MetricRefs lag_p99{};       // gauges, s; empty: none
  double lag_resolution = 0;  // s that an idle loop shows, to be subtracted
  // The ELU, in order of preference: counters of the seconds in which the event loop was busy;
  // sums and counts of samples of the ELU; gauges.
  MetricRefs busy_seconds{};
  std::vector<MetricRatio> utilization_samples{};
  MetricRefs utilization{};

  [[nodiscard]] bool HasUtilization() const {
    return !busy_seconds.empty() || !utilization_samples.empty() || !utilization.empty();
  }
  bool operator==(const RuntimeMetrics&) const = default;
};

// One label that holds both namespace and name of the target, as proxies name their upstreams:
// `httproute/{namespace}/{name}/rule/[0-9]+`. `before` and `after` are regular expressions without
// groups, `between` is literal.
struct JointLabel {
  std::string label;
  std::string before;
  std::string between;
  std::string after;

  auto operator<=>(const JointLabel&) const = default;
};

struct Preset {
  std::string name;
  std::string namespace_label = "namespace";
  std::string pod_label = "pod";
  // The label that names the target where the policy gives no `match`; empty: by pod name.
  std::string target_label{};
  std::optional<JointLabel> joint{};  // instead of namespace_label and target_label
  RequestMetrics requests{};
  RuntimeMetrics runtime{};

  bool operator==(const Preset&) const = default;
};

// By name. Plans point into the table: it must outlive them.
using PresetTable = std::map<std::string, Preset, std::less<>>;

// A list of presets, as in presets.yaml. What is faulty is left out of the table and told in
// `faults`, with paths that begin with `path` ("presets").
[[nodiscard]] PresetTable ParsePresets(const nlohmann::json& list, const std::string& path,
                                       std::vector<FieldError>& faults);

// nullptr if there is none of that name.
[[nodiscard]] const Preset* FindPreset(const PresetTable& table, std::string_view name);
// In alphabetical order.
[[nodiscard]] std::vector<std::string> PresetNames(const PresetTable& table);

}  // namespace evenkeel
