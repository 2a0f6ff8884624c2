// Presets: which metric names and labels an exporter uses for the signals (presets.cpp holds the
// table). A preset may describe requests (latency, errors, rate), the Node.js runtime (lag, ELU),
// or both; a policy takes each from one preset (metrics.presets).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace evenkeel {

// Requests, as the exporter counts them. All names are metric names as Prometheus shows them.
struct RequestMetrics {
  std::string histogram{};  // of durations, without _bucket; empty: the preset has no requests
  std::string counter{};    // every request, also those without a duration
  // Counts requests by status; a request failed if one of `status_labels` matches 5..
  std::string status_counter{};
  std::vector<std::string> status_labels{};
  std::string failure_counter{};  // failures that status_counter does not see; empty: none
  std::string matchers{};         // what else the series must match: PromQL, may be empty
  std::string in_flight{};        // gauge of requests being served or queued; empty: none
  // Whoever exports this goes on when the service has no pod left, and then still counts requests:
  // a proxy outside of the pods. Only then can a service be woken from zero replicas.
  bool outlives_pods = false;
  // In every scrape, also before the first request. From it Uncovered and Stale are told.
  std::string heartbeat{};
  double seconds_per_unit = 1;  // of the histogram: 0.001 for milliseconds
  // Largest finite bounds (s) of the libraries that export this: a P99 that equals one is
  // "at least", because histogram_quantile cannot see beyond it.
  std::vector<double> largest_buckets{};
};

// The Node.js runtime, per pod.
struct RuntimeMetrics {
  std::string lag_p99{};         // gauge, s; empty: none
  double lag_resolution = 0;     // s that an idle loop shows, to be subtracted
  std::string active_seconds{};  // counter of the seconds in which the event loop was busy
};

struct Preset {
  std::string name;
  std::string namespace_label = "namespace";
  // The label that names the target where the policy gives no `match`; empty: by pod name.
  std::string target_label{};
  RequestMetrics requests{};
  RuntimeMetrics runtime{};
};

// nullptr if there is none of that name. The table lives as long as the process.
[[nodiscard]] const Preset* FindPreset(std::string_view name);
// In alphabetical order.
[[nodiscard]] std::vector<std::string> PresetNames();

}  // namespace evenkeel
