// Whole reconciles of the HPA's tests (horizontal_test.go), as far as a decision can show them.
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/vectors.hpp"
#include "controller/core/conditions.hpp"
#include "controller/core/decide.hpp"
#include "controller/core/scaling_policy.hpp"
#include "support/catch.hpp"

namespace evenkeel::conformance {
namespace {

using nlohmann::json;

const json kUtilization = {{"name", "ratio"},
                           {"params",
                            {{"signal", "eventLoopUtilization"},
                             {"type", "Utilization"},
                             {"target", "30%"},
                             {"compatibility", "hpa"}}}};
const json kBroken = {{"name", "ratio"},
                      {"params", {{"signal", "broken"}, {"target", 1}, {"compatibility", "hpa"}}}};

// A strict policy of these modules over pods with these utilizations, all ready.
struct Scene {
  json object;
  Observation observation{};
  History history{};

  Scene(json modules, std::vector<double> utilizations, int least = 1, int most = 100)
      : object{{"apiVersion", "evenkeel.dev/v1alpha1"},
               {"kind", "ScalingPolicy"},
               {"metadata", {{"name", "checkout"}, {"namespace", "shop"}}},
               {"spec",
                {{"targetRef", {{"name", "checkout"}}},
                 {"minReplicas", least},
                 {"maxReplicas", most},
                 {"policies", std::move(modules)},
                 {"behavior", {{"scaleDown", {{"stabilizationWindowSeconds", 0}}}}}}}} {
    const json& policies = object["spec"]["policies"];
    if (policies.back() == kBroken) object["spec"]["metrics"]["queries"]["broken"] = "x";
    TargetState& target = observation.target;
    Reading reading = Reading::Value(0, kNow);
    reading.pods.emplace();
    for (const double value : utilizations) {
      const std::string name = "p" + std::to_string(target.ready++);
      target.pods.push_back({name, PodPhase::kRunning, true, false, false});
      reading.pods->values.push_back({name, value});
    }
    target.spec_replicas = target.status_replicas = target.ready;
    observation.readings = {{"eventLoopUtilization", reading},
                            {"broken", Reading::Unknown(ReadingState::kFailed, "no answer")}};
  }

  [[nodiscard]] ScalingPolicy Policy() const {
    return std::get<ScalingPolicy>(ParseScalingPolicy(object));
  }
  [[nodiscard]] Decision Run() const { return Decide(Policy(), observation, history, kNow); }
  [[nodiscard]] std::string Says(std::string_view type) const {
    for (const Condition& condition : JudgeConditions(Policy(), {.decision = Run()})) {
      if (condition.type == type) return std::string(condition.status) + "/" + condition.reason;
    }
    return "absent";
  }
};

TEST_CASE("conformance: (a) a broken metric does not keep a service from growing") {
  const Scene scene({kUtilization, kBroken}, {0.30, 0.40, 0.50});
  CHECK(scene.Run().desired == 4);
  CHECK(scene.Says("ScalingActive") == "True/ValidMetricFound");
}

TEST_CASE("conformance: (b) a broken metric keeps a service from shrinking") {
  const Scene scene({kUtilization, kBroken}, {0.10, 0.30, 0.20, 0.15, 0.15});
  CHECK(scene.Run().desired == 5);
  CHECK(scene.Run().reason == "SignalMissing");
  CHECK(scene.Says("ScalingActive") == "False/SignalMissing");
  CHECK(Scene({kUtilization}, {0.10, 0.30, 0.20, 0.15, 0.15}).Run().desired == 3);
}

TEST_CASE("conformance: (c) sizes out of bounds are brought back without metrics") {
  const auto bounded = [](int current, int least, int most) {
    Scene scene({kBroken}, {}, least, most);
    scene.observation.target.spec_replicas = current;
    return scene.Run().desired;
  };
  CHECK(bounded(10, 1, 5) == 5);
  CHECK(bounded(2, 3, 5) == 3);
  CHECK(bounded(0, 3, 5) == 0);
}

TEST_CASE("conformance: (d) a fresh controller does not shrink at once") {
  Scene scene({kUtilization}, {0.10, 0.30, 0.20, 0.15, 0.15});
  scene.object["spec"].erase("behavior");
  scene.history.recommendations = {{kNow - std::chrono::seconds(15), 5, true}};
  const Decision decision = scene.Run();
  CHECK(decision.desired == 5);
  CHECK(decision.reason == reason::kStabilized);
}

TEST_CASE("conformance: a strict module makes the rate policies strict too") {
  Scene scene({kUtilization}, std::vector<double>(100, 0.9), 1, 1000);
  scene.object["spec"]["behavior"] = {
      {"scaleUp",
       {{"policies", json::array({{{"type", "Percent"}, {"value", 10}, {"periodSeconds", 60}}})}}}};
  CHECK(scene.Run().desired == 111);
  scene.object["spec"]["policies"][0]["params"].erase("compatibility");
  CHECK(scene.Run().desired == 110);
}

}  // namespace
}  // namespace evenkeel::conformance
