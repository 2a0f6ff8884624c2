// Vectors of the conformance oracle (the HPA's own code, see oracle/): JSON objects, one a line,
// each an input of one of the HPA's functions and what it answered. Times are milliseconds, ages
// are before a fixed now, quantities are milli-units.
//
//   pods       a metric per pod → replicas
//   value      a metric of the whole → replicas
//   stabilize  a proposal under the stabilization windows
//   rate       a wanted number under the rate policies and the bounds
//   whole      both in turn
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "controller/core/behavior.hpp"
#include "controller/core/history.hpp"
#include "policies/hpa_calculator.hpp"

namespace evenkeel::conformance {

inline constexpr TimePoint kNow{std::chrono::milliseconds(1'800'000'000'000)};

struct Answer {
  bool error = false;
  Replicas replicas = 0;     // without an error
  std::string reason{};      // stabilize: AbleToScale; rate, whole: ScalingLimited; else empty
  std::string stabilized{};  // whole: AbleToScale

  bool operator==(const Answer&) const = default;
};

// What the HPA answered.
[[nodiscard]] Answer ExpectedAnswer(const nlohmann::json& vector);
// What `compatibility: hpa` answers, by the functions that production uses.
[[nodiscard]] Answer AnswerAsHpa(const nlohmann::json& vector);

// A small change of the samples: `factor` multiplies each, and `shift` is added to each pod's.
struct Nudge {
  double shift = 0;
  double factor = 1;
};

// What is answered without it: by module ratio itself, and by behavior's exact arithmetic.
[[nodiscard]] Answer AnswerByDefault(const nlohmann::json& vector, Nudge nudge = {});

// Parts of a vector.
[[nodiscard]] Tolerance ReadTolerance(const nlohmann::json& vector);
[[nodiscard]] std::vector<HpaPod> ReadPods(const nlohmann::json& vector);
[[nodiscard]] HpaPerPod ReadPerPod(const nlohmann::json& vector);
// The pods of kind pods or value, as the watch caches would tell them.
[[nodiscard]] TargetState ReadState(const nlohmann::json& vector,
                                    std::chrono::milliseconds readiness_delay);
[[nodiscard]] std::vector<std::int64_t> ReadUsages(const nlohmann::json& vector);
// The windows and rules of a vector with behavior; what it has not keeps its default.
[[nodiscard]] Behavior ReadBehavior(const nlohmann::json& vector, Arithmetic arithmetic);
[[nodiscard]] History ReadHistory(const nlohmann::json& vector);

// A proposal through stabilization, rate policies and bounds, as the vector's kind asks for.
[[nodiscard]] Answer Normalize(const nlohmann::json& vector, const Behavior& behavior);

}  // namespace evenkeel::conformance
