#include <algorithm>
#include <chrono>
#include <map>
#include <string>

#include "controller/core/scaling_policy_parts.hpp"
#include "controller/core/spec_values.hpp"

namespace evenkeel {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kMaxMatches = 8;
constexpr std::size_t kMaxQueries = 16;

constexpr TextRule kSource{
    &IsSimpleName, 63,
    "must be the name of a source in the controller's configuration, made of "
    "lower case letters, digits and \"-\""};
constexpr TextRule kPreset{&IsSimpleName, 63, "must be the name of a preset, e.g. \"prom-client\""};
constexpr TextRule kLatencyPreset{&IsSimpleName, 63,
                                  "must be the name of a preset, e.g. \"ingress-nginx\""};
constexpr DurationRule kWindow{
    seconds{1}, hours{1},
    "must be a duration with a unit, from 1s to 1h, e.g. \"30s\", \"1m\" "
    "or \"1m30s\""};
constexpr TextRule kMatchValue{
    [](const std::string& value) { return !value.empty(); }, 512,
    "must not be empty: Prometheus would match series without the label"};
constexpr TextRule kQuery{&IsNotBlank, 4096, "must be a PromQL expression, not empty"};
constexpr DurationRule kObjectiveTime{
    milliseconds{1}, hours{1},
    "must be a duration with a unit, from 1ms to 1h, e.g. \"250ms\" or \"1.5s\""};

void ReadPresets(SpecObject& metrics, MetricsSpec& spec) {
  const bool one = metrics.Find("preset") != nullptr;
  if (const auto preset = metrics.Text("preset", kPreset)) {
    spec.latency_preset = *preset;
    spec.runtime_preset = *preset;
  }
  metrics.Object("presets", [&](SpecObject& presets) {
    if (one) {
      metrics.Fail("presets",
                   "preset and presets exclude each other; use presets to take latency and runtime "
                   "signals from different exporters");
    }
    if (presets.Find("latency") == nullptr && presets.Find("runtime") == nullptr) {
      metrics.Fail("presets", "must name a preset for latency, for runtime or for both");
    }
    spec.latency_preset = presets.Text("latency", kLatencyPreset).value_or(spec.latency_preset);
    spec.runtime_preset = presets.Text("runtime", kPreset).value_or(spec.runtime_preset);
  });
}

const std::string* FindUnfitKey(const nlohmann::json* map, bool (*fits)(const std::string&)) {
  if (map == nullptr || !map->is_object()) return nullptr;
  const auto& entries = map->get_ref<const nlohmann::json::object_t&>();
  const auto unfit = std::find_if(entries.begin(), entries.end(),
                                  [&](const auto& entry) { return !fits(entry.first); });
  return unfit == entries.end() ? nullptr : &unfit->first;
}

std::map<std::string, std::string> ReadMatch(SpecObject& metrics) {
  const nlohmann::json* match = metrics.Find("match");
  if (match != nullptr && match->is_object() && match->empty()) {
    metrics.Fail(
        "match",
        "must not be empty: give at least one label, or leave match out to find the series "
        "by pod name");
  }
  if (const std::string* key = FindUnfitKey(match, &IsLabelName)) {
    metrics.Fail("match",
                 "has a key that is not a Prometheus label name: letters, digits and \"_\" are "
                 "allowed, not a digit first, nor \"__\", which Prometheus keeps for itself",
                 *key);
  }
  if (match != nullptr && match->is_object() && match->contains("namespace")) {
    metrics.Fail("match",
                 "must not name the label namespace: the policy's own namespace is always added");
  }
  return metrics.Texts("match", kMatchValue, kMaxMatches);
}

std::map<std::string, std::string> ReadQueries(SpecObject& metrics) {
  if (const std::string* key = FindUnfitKey(metrics.Find("queries"), &IsSignalName)) {
    metrics.Fail(
        "queries",
        "has a key that is not a signal name: a letter, then letters, digits and \"_\", at "
        "most 63 in all",
        *key);
  }
  return metrics.Texts("queries", kQuery, kMaxQueries);
}

}  // namespace

MetricsSpec ReadMetrics(SpecObject& spec) {
  MetricsSpec read;
  spec.Object("metrics", [&](SpecObject& metrics) {
    read.source = metrics.Text("source", kSource).value_or(read.source);
    ReadPresets(metrics, read);
    read.match = ReadMatch(metrics);
    if (const auto window = metrics.Duration("window", kWindow)) {
      read.window = std::chrono::ceil<seconds>(*window);
    }
    read.queries = ReadQueries(metrics);
  });
  return read;
}

Objectives ReadObjectives(SpecObject& spec) {
  Objectives read;
  spec.Object("objectives", [&](SpecObject& objectives) {
    const auto time = [&](std::string_view name) -> std::optional<milliseconds> {
      const auto duration = objectives.Duration(name, kObjectiveTime);
      if (!duration) return std::nullopt;
      return std::chrono::floor<milliseconds>(*duration);
    };
    read.latency_p99 = time(signal::kLatencyP99);
    read.error_rate = objectives.Ratio(signal::kErrorRate);
    read.event_loop_lag_p99 = time(signal::kEventLoopLagP99);
    read.event_loop_utilization = objectives.Ratio(signal::kEventLoopUtilization);
  });
  return read;
}

}  // namespace evenkeel
