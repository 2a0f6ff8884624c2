// The ScalingPolicy custom resource as a C++ value (crds/scalingpolicy.yaml is the user's manual).
//
// ParseScalingPolicy applies the CRD's defaults and refuses whatever the CRD refuses, with the same
// words (and "; got ..." behind them); beyond the CRD it refuses unknown fields, unknown modules
// and wrong module params. Windows and `after` are rounded up to whole seconds.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "controller/core/behavior.hpp"
#include "policies/policy.hpp"
#include "policies/reading.hpp"
#include "policies/result.hpp"

namespace evenkeel {

struct ObjectKey {
  std::string namespace_name;
  std::string name;

  auto operator<=>(const ObjectKey&) const = default;
  [[nodiscard]] std::string ToString() const { return namespace_name + "/" + name; }
};

// A target in the policy's own namespace.
struct TargetRef {
  std::string api_version = "apps/v1";
  std::string kind = "Deployment";
  std::string name;

  auto operator<=>(const TargetRef&) const = default;
  // "Deployment/checkout"
  [[nodiscard]] std::string ToString() const { return kind + "/" + name; }
};

enum class Mode { kEnforce, kObserve };

struct MetricsSpec {
  std::string source = "default";
  // Which preset gives latency, errors and rate, and which gives lag and ELU; equal unless the
  // policy names them apart (metrics.presets).
  std::string latency_preset = "prom-client";
  std::string runtime_preset = "prom-client";
  std::map<std::string, std::string> match{};  // empty: by pod name
  std::chrono::seconds window{60};
  std::map<std::string, std::string> queries{};  // signal → PromQL

  bool operator==(const MetricsSpec&) const = default;
};

struct PolicyModule {
  std::string name;  // "slo"; from a module's second entry on with a number: "ratio", "ratio#2"
  nlohmann::json params;
  std::shared_ptr<const Policy> policy;
};

// A floor while no signal is known; it never takes replicas away.
struct Fallback {
  std::chrono::seconds after{180};
  Replicas replicas = 0;

  bool operator==(const Fallback&) const = default;
};

struct ScalingPolicy {
  ObjectKey key;
  std::string uid;
  std::string resource_version;
  std::int64_t generation = 0;
  TimePoint created{};

  TargetRef target_ref;
  Mode mode = Mode::kEnforce;
  TargetSpec target;  // bounds, objectives, window: what modules see
  MetricsSpec metrics;
  std::vector<PolicyModule> policies;  // in the order of the spec; [{slo}] by default
  Behavior behavior;                   // HPA's defaults filled in
  std::optional<Fallback> fallback{};

  nlohmann::json status;  // as last seen on the API server; null if none
};

struct FieldError {
  std::string path;     // "spec.metrics.window"
  std::string message;  // "must be ..., not \"5\""

  bool operator==(const FieldError&) const = default;
  [[nodiscard]] std::string ToString() const { return path + ": " + message; }
};

// Parsed, or every fault found, in the order of the spec; never both and never neither.
using ParsedScalingPolicy = std::variant<ScalingPolicy, std::vector<FieldError>>;

// `object` is a whole ScalingPolicy as JSON, from the API server or from a file (where an absent
// namespace reads as "default").
[[nodiscard]] ParsedScalingPolicy ParseScalingPolicy(const nlohmann::json& object);

}  // namespace evenkeel
