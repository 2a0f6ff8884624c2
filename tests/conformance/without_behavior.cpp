#include "conformance/without_behavior.hpp"

#include <algorithm>
#include <chrono>
#include <string>

namespace evenkeel::conformance {

Replicas StabilizeWithoutBehavior(const History& history, Replicas proposal,
                                  std::chrono::seconds window) {
  Replicas greatest = proposal;
  for (const Recommendation& past : history.recommendations) {
    if (past.time >= kNow - window) greatest = std::max(greatest, past.replicas);
  }
  return greatest;
}

Answer LimitWithoutBehavior(Replicas current, Replicas wanted, Replicas least, Replicas most) {
  const Replicas limit = HpaInt32(std::max(2.0 * current, 4.0));
  if (wanted < least) return {false, least, "TooFewReplicas", {}};
  const Replicas allowed = std::min(most, limit);
  if (wanted <= allowed) return {false, wanted, "DesiredWithinRange", {}};
  return {false, allowed, most > limit ? "ScaleUpLimit" : "TooManyReplicas", {}};
}

Answer NormalizeWithoutBehavior(const nlohmann::json& vector) {
  const std::string kind = vector.at("kind");
  if (kind == "rate") {
    return LimitWithoutBehavior(vector.at("cur"), vector.at("want"), vector.at("min"),
                                vector.at("max"));
  }
  const Replicas proposal = vector.at("proposal");
  const Replicas stabilized = StabilizeWithoutBehavior(
      ReadHistory(vector), proposal, std::chrono::seconds(vector.at("downWindow").get<int>()));
  const std::string reason = stabilized == proposal ? "ReadyForNewScale" : "ScaleDownStabilized";
  if (kind == "stabilize") return {false, stabilized, reason, {}};
  Answer answer =
      LimitWithoutBehavior(vector.at("cur"), stabilized, vector.at("min"), vector.at("max"));
  answer.stabilized = reason;
  return answer;
}

}  // namespace evenkeel::conformance
