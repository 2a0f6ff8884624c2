#include <cstdint>
#include <string>
#include <vector>

#include "conformance/vectors.hpp"
#include "conformance/without_behavior.hpp"
#include "policies/hpa_calculator.hpp"

namespace evenkeel::conformance {
namespace {

Answer ToAnswer(const Result<Replicas>& replicas) {
  if (!replicas) return {.error = true};
  return {.replicas = *replicas};
}

Answer AnswerPods(const nlohmann::json& vector) {
  const HpaPerPod metric = ReadPerPod(vector);
  if (vector.at("fn") == "resource") {
    return ToAnswer(HpaUtilizationReplicas(metric, vector.at("target")));
  }
  return ToAnswer(HpaAverageReplicas(metric, vector.at("target")));
}

Answer AnswerValue(const nlohmann::json& vector) {
  const std::string function = vector.at("fn");
  const std::vector<std::int64_t> usages = ReadUsages(vector);
  const std::int64_t target = vector.at("target");
  const Tolerance tolerance = ReadTolerance(vector);
  if (function == "objectAverage") {
    return ToAnswer(HpaObjectAverageReplicas(vector.at("status"), usages.at(0), target, tolerance));
  }
  if (function == "externalAverage") {
    return ToAnswer(HpaExternalAverageReplicas(vector.at("status"), HpaExternalAverageUsage(usages),
                                               target, tolerance));
  }
  return ToAnswer(HpaValueReplicas(vector.at("cur"), HpaExternalValueUsage(usages), target,
                                   tolerance, HpaReadyPods(ReadPods(vector))));
}

}  // namespace

Answer AnswerAsHpa(const nlohmann::json& vector) {
  const std::string kind = vector.at("kind");
  if (kind == "pods") return AnswerPods(vector);
  if (kind == "value") return AnswerValue(vector);
  if (!vector.at("behavior")) return NormalizeWithoutBehavior(vector);
  return Normalize(vector, ReadBehavior(vector, Arithmetic::kHpa));
}

}  // namespace evenkeel::conformance
