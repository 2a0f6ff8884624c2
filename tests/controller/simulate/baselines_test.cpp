#include "controller/simulate/baselines.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "controller/simulate/stage.hpp"
#include "support/catch.hpp"

using namespace evenkeel;
using nlohmann::json;

namespace {

std::string Fault(std::string_view name, const json& settings) {
  const Result<ScalerKind> kind = MakeBaseline(name, settings);
  return kind ? "none" : kind.error().message;
}

}  // namespace

TEST_CASE("the baselines are those of the design, in its order") {
  std::vector<std::string> names;
  for (const Baseline& baseline : Baselines()) names.emplace_back(baseline.name);
  CHECK(names == std::vector<std::string>{"static", "hpa-elu", "hpa-p99", "hpa-max", "keda-p99",
                                          "kpa", "phpa", "aws", "holt", "pid", "oracle-reactive",
                                          "oracle-clairvoyant"});
}

TEST_CASE("every point of every grid makes a scaler, and the first is the usual one") {
  for (const Baseline& baseline : Baselines()) {
    INFO(baseline.name);
    CHECK_FALSE(baseline.about.empty());
    REQUIRE_FALSE(baseline.grid.empty());
    CHECK(baseline.oracle == baseline.name.starts_with("oracle-"));
    for (const json& settings : baseline.grid) {
      INFO(settings.dump());
      REQUIRE(settings.is_object());
      const Result<ScalerKind> kind = MakeBaseline(baseline.name, settings);
      REQUIRE(kind);
      const bool usual = settings == baseline.grid.front();
      CHECK((kind->name == baseline.name) == usual);
      const Scenario scenario = PlainScenario();
      const Truth truth{[](SimSeconds) { return 100.0; }, [](SimSeconds) { return 0.01; }, 0.8};
      CHECK(kind->make(scenario, truth, 1)->Period() >= SimSeconds{1});
    }
  }
}

TEST_CASE("a baseline is named by the settings that are not the usual ones") {
  CHECK(MakeBaseline("hpa-elu")->name == "hpa-elu");
  CHECK(MakeBaseline("hpa-elu", {{"window", 60}, {"target", 0.5}})->name ==
        "hpa-elu{target=0.5,window=60}");
  CHECK(MakeBaseline("hpa-elu", {{"window", 60}, {"target", nullptr}})->name ==
        "hpa-elu{window=60}");
  CHECK(MakeBaseline("phpa", {{"model", "holtWinters"}})->name == "phpa{model=holtWinters}");
}

TEST_CASE("a wrong name or setting is refused, with what is allowed") {
  CHECK(Fault("hpa-elo", {}) ==
        "unknown baseline \"hpa-elo\"; known are: \"static\", \"hpa-elu\", \"hpa-p99\", "
        "\"hpa-max\", \"keda-p99\", \"kpa\", \"phpa\", \"aws\", \"holt\", \"pid\", "
        "\"oracle-reactive\", \"oracle-clairvoyant\"; did you mean \"hpa-elu\"?");
  CHECK(Fault("hpa-elu", {{"target", 60}}) ==
        "baseline hpa-elu: params.target: must be a number of at least 0.01 and at most 1; got 60");
  CHECK(Fault("kpa", {{"windo", 60}}).find("params.windo: unknown parameter; known are: ") !=
        std::string::npos);
  CHECK(Fault("kpa", {{"windo", 60}}).find("did you mean \"window\"?") != std::string::npos);
  CHECK(Fault("static", {{"n", 6}}).find("params.n: unknown parameter") != std::string::npos);
  CHECK(Fault("holt", 3).find("must be an object") != std::string::npos);
  CHECK(Fault("phpa", {{"periods", 6}}).find("params.periods: unknown parameter") !=
        std::string::npos);
}

TEST_CASE("what is needed is the load by what a pod may carry, rounded up, within the bounds") {
  Scenario scenario = PlainScenario();
  double rate = 560;
  const Truth truth{[&](SimSeconds) { return rate; }, [](SimSeconds) { return 0.01; }, 0.8};
  CHECK(NeededAt(truth, scenario, SimSeconds{0}) == 7);
  rate = 561;
  CHECK(NeededAt(truth, scenario, SimSeconds{0}) == 8);
  rate = 0;
  CHECK(NeededAt(truth, scenario, SimSeconds{0}) == 1);
  rate = 1e9;
  CHECK(NeededAt(truth, scenario, SimSeconds{0}) == 1000);
}

TEST_CASE("static is the largest need of the episode") {
  Stage stage("static");
  stage.scenario.duration = SimSeconds{100};
  // A peak of one second that a coarser look would miss.
  stage.truth.rate = [](SimSeconds t) {
    return t >= SimSeconds{37} && t < SimSeconds{38} ? 1000 : 100;
  };
  CHECK(stage.Tick(0).replicas == 13);  // 10 / 0.8
  CHECK(stage.Tick(60).replicas == 13);
}

TEST_CASE("the reactive oracle follows this second, the clairvoyant one a start-up ahead") {
  const auto step = [](SimSeconds t) { return t >= SimSeconds{100} ? 800.0 : 80.0; };
  Stage reactive("oracle-reactive");
  reactive.truth.rate = step;
  CHECK(reactive.Tick(99).replicas == 1);
  CHECK(reactive.Tick(100).replicas == 10);
  Stage clairvoyant("oracle-clairvoyant");
  clairvoyant.scenario.pod.startup_most = SimSeconds{40};
  clairvoyant.truth.rate = step;
  CHECK(clairvoyant.Tick(59).replicas == 1);
  CHECK(clairvoyant.Tick(60).replicas == 10);
}

TEST_CASE("a held oracle keeps the largest need of the last seconds, and no longer") {
  Stage oracle("oracle-reactive", {{"hold", 60}});
  oracle.truth.rate = [](SimSeconds t) { return t == SimSeconds{10} ? 800.0 : 80.0; };
  CHECK(oracle.Tick(9).replicas == 1);
  CHECK(oracle.Tick(10).replicas == 10);
  for (int second = 11; second <= 69; ++second) (void)oracle.Tick(second);
  CHECK(oracle.Tick(70).replicas == 10);
  CHECK(oracle.Tick(71).replicas == 1);
}
