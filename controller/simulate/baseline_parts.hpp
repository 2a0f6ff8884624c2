// The factories behind the registry of baselines.hpp, one per rival, and what they share. For
// baseline*.cpp only; each rival's file says where it comes from and where it differs.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "controller/simulate/baselines.hpp"
#include "controller/simulate/scaler.hpp"
#include "policies/params.hpp"
#include "policies/policy.hpp"
#include "policies/result.hpp"

namespace evenkeel {

using MakeScaler = decltype(ScalerKind::make);

// Reads the settings; kInvalid names the one at fault and what is allowed. The registry fills in
// the first point of the grid for what is absent.
using ReadSettings = Result<MakeScaler> (*)(const nlohmann::json& settings);

Result<MakeScaler> MakeStatic(const nlohmann::json& settings);
Result<MakeScaler> MakeHpaElu(const nlohmann::json& settings);
Result<MakeScaler> MakeHpaP99(const nlohmann::json& settings);
Result<MakeScaler> MakeHpaMax(const nlohmann::json& settings);
Result<MakeScaler> MakeKedaP99(const nlohmann::json& settings);
Result<MakeScaler> MakeKpa(const nlohmann::json& settings);
Result<MakeScaler> MakePhpa(const nlohmann::json& settings);
Result<MakeScaler> MakeAws(const nlohmann::json& settings);
Result<MakeScaler> MakeHolt(const nlohmann::json& settings);
Result<MakeScaler> MakePid(const nlohmann::json& settings);
Result<MakeScaler> MakeOracleReactive(const nlohmann::json& settings);
Result<MakeScaler> MakeOracleClairvoyant(const nlohmann::json& settings);

// None of the rivals goes to zero: that needs something that holds requests meanwhile (Knative's
// activator, KEDA's HTTP add-on), and the plant has nothing of the kind.
struct ReplicaBounds {
  Replicas least = 1;
  Replicas most = 1;

  [[nodiscard]] Replicas Clamp(double replicas) const {
    if (!(replicas > least)) return least;  // not a number either
    return replicas < most ? static_cast<Replicas>(replicas) : most;
  }
};
[[nodiscard]] inline ReplicaBounds BoundsOf(const Scenario& scenario) {
  const Replicas least = std::max(scenario.min_replicas, 1);
  return {least, std::max(scenario.max_replicas, least)};
}

// A setting in whole seconds, 0 to 3600.
[[nodiscard]] inline std::chrono::seconds SecondsOf(Params& params, std::string_view name,
                                                    double fallback) {
  return std::chrono::seconds{std::lround(params.Number(name, {.min = 0, .max = 3600}, fallback))};
}

// Rounded up, but not for the last bits of a division: 0.9 / 0.3 is 3.
[[nodiscard]] inline double CeilOf(double replicas) { return std::ceil(replicas - 1e-9); }

// Times within what a rival keeps for its successor (Scaler::Status).
[[nodiscard]] inline std::int64_t ToMillis(TimePoint time) {
  return time.time_since_epoch().count();
}
[[nodiscard]] inline TimePoint FromMillis(std::int64_t millis) {
  return TimePoint{std::chrono::milliseconds{millis}};
}

}  // namespace evenkeel
