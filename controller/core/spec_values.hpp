// The grammar of single values in a spec: the patterns of crds/scalingpolicy.yaml, as functions.
// All take any bytes; callers bound the length first where the CRD does.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace evenkeel {

[[nodiscard]] bool IsApiVersion(const std::string& text);  // "apps/v1"
[[nodiscard]] bool IsKind(const std::string& text);        // "Deployment"
[[nodiscard]] bool IsObjectName(const std::string& text);  // "checkout.eu"
[[nodiscard]] bool IsSimpleName(const std::string& text);  // of a source or preset: "prom-client"
[[nodiscard]] bool IsLabelName(const std::string& text);   // Prometheus', not reserved with "__"
[[nodiscard]] bool IsSignalName(const std::string& text);  // "queueDepth"
[[nodiscard]] bool IsModuleName(const std::string& text);  // "slo"
[[nodiscard]] bool IsNotBlank(const std::string& text);

// "1m30s": at most 16 bytes of numbers with the units ms, s, m, h; exact to the microsecond.
[[nodiscard]] std::optional<std::chrono::nanoseconds> ParseSpecDuration(const std::string& text);

// "1%" or "0.01", above 0 and at most 1; a bare "1" could mean either and is refused.
[[nodiscard]] std::optional<double> ParseSpecRatio(const std::string& text);

// A Kubernetes quantity of at least 0: "0.05", "50m", "5e-2", "1Ki".
[[nodiscard]] std::optional<double> ParseQuantity(const std::string& text);

}  // namespace evenkeel
