#include <cctype>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "policies/registry.hpp"
#include "support/catch.hpp"

namespace evenkeel {
namespace {

struct Row {
  const char* what;
  nlohmann::json params;
  int spec;
  int ready;
  double value;
  int replicas;
};

Proposal Propose(const Row& row, Reading reading) {
  const TargetSpec target{1, 1000, {}, std::chrono::seconds(60)};
  const TargetState state{
      .spec_replicas = row.spec, .status_replicas = row.spec, .ready = row.ready};
  const Readings readings{{"queueDepth", std::move(reading)}};
  const std::map<std::string, Series, std::less<>> series;
  const nlohmann::json memory;
  const auto module = MakePolicy("ratio", row.params);
  return module.value()->Propose({{}, target, state, readings, series, {}, memory}).value();
}

nlohmann::json Value(double target) { return {{"signal", "queueDepth"}, {"target", target}}; }
nlohmann::json Average(double target) {
  return {{"signal", "queueDepth"}, {"target", target}, {"type", "AverageValue"}};
}

nlohmann::json Utilization(const nlohmann::json& target) {
  return {{"signal", "eventLoopUtilization"}, {"target", target}, {"type", "Utilization"}};
}
nlohmann::json Strict(nlohmann::json params) {
  params["compatibility"] = "hpa";
  return params;
}

struct PodsRow {
  const char* what;
  nlohmann::json params;
  int spec;
  // T ready, F starting, L lost its readiness, D terminating, S succeeded; lower case: no sample.
  const char* pods;
  std::vector<double> values;
  int replicas;
  const char* reason;
};

PodFact Fact(char letter, std::string name) {
  const auto state = static_cast<char>(std::toupper(letter));
  return {std::move(name), state == 'S' ? PodPhase::kSucceeded : PodPhase::kRunning,
          state == 'T' || state == 'D', state == 'F', state == 'D'};
}

Proposal Propose(const PodsRow& row, bool watched = true) {
  TargetState state{.spec_replicas = row.spec, .status_replicas = row.spec};
  Reading reading = Reading::Value(0.5, {});
  reading.pods.emplace();
  for (const char* letter = row.pods; *letter != 0; ++letter) {
    const std::string name = "p" + std::to_string(letter - row.pods);
    const PodFact fact = Fact(*letter, name);
    if (watched) state.pods.push_back(fact);
    state.ready += fact.ready && !fact.terminating ? 1 : 0;
    auto& values = reading.pods->values;
    if (std::isupper(*letter) != 0) values.push_back({name, row.values.at(values.size())});
  }
  const TargetSpec target{1, 1000, {}, std::chrono::seconds(60)};
  const Readings readings{{"eventLoopUtilization", reading}};
  const std::map<std::string, Series, std::less<>> series;
  const nlohmann::json memory;
  const auto module = MakePolicy("ratio", row.params);
  return module.value()->Propose({{}, target, state, readings, series, {}, memory}).value();
}

TEST_CASE("ratio: a signal with a sample per pod is the mean of the pods that serve") {
  const auto half = Utilization("50%");
  const PodsRow rows[] = {
      {"the mean", half, 3, "TTT", {0.3, 0.9, 0.9}, 5, "AboveTarget"},
      {"percent may be a number", Utilization(50), 3, "TTT", {0.3, 0.9, 0.9}, 5, "AboveTarget"},
      {"below", half, 4, "TTTT", {0.1, 0.1, 0.2, 0.2}, 2, "BelowTarget"},
      {"in the band", half, 2, "TT", {0.5, 0.52}, 2, "InTolerance"},
      {"starting pods are left out, and idle above the target",
       half,
       3,
       "TTF",
       {1, 1, 1},
       4,
       "AboveTarget"},
      {"unready pods may make up for it", half, 3, "TFF", {1, 1, 1}, 3, "UnmeasuredPods"},
      {"a missing sample is idle above", half, 2, "Tt", {0.9}, 2, "UnmeasuredPods"},
      {"a missing sample is full below", half, 4, "TTTt", {0.1, 0.1, 0.1}, 3, "BelowTarget"},
      {"terminating pods are left out", half, 2, "TTD", {0.4, 0.4, 1}, 2, "BelowTarget"},
      {"finished pods are left out", half, 2, "TTS", {0.4, 0.4, 1}, 2, "BelowTarget"},
      {"surge pods do not multiply", half, 2, "TTTT", {0.75, 0.75, 0.75, 0.75}, 3, "AboveTarget"},
      {"overload that takes all readiness is load", half, 2, "LL", {1, 1}, 4, "AboveTarget"},
      {"and takes nothing away", half, 2, "LL", {0.1, 0.1}, 2, "BelowTarget"},
  };
  for (const PodsRow& row : rows) {
    INFO(row.what);
    const Proposal proposal = Propose(row);
    CHECK(proposal.replicas == row.replicas);
    CHECK(proposal.reason == row.reason);
  }
  const PodsRow starting{"", half, 2, "FF", {1, 1}, 0, ""};
  CHECK(Propose(starting).reason == "SignalMissing");
  CHECK(Propose(starting, false).replicas == 4);  // without facts whoever reports counts
}

TEST_CASE("ratio: with compatibility hpa it is the HPA's in every bit") {
  const auto half = Strict(Utilization(50));
  const auto pods = Strict({{"signal", "eventLoopUtilization"}, {"target", 0.1}});
  const PodsRow rows[] = {
      {"percents are cut off: 55.9 % is in the band",
       half,
       3,
       "TTT",
       {0.559, 0.559, 0.559},
       3,
       "InTolerance"},
      {"unready pods count", half, 3, "TFF", {0.6, 0.6, 0.6}, 4, "AboveTarget"},
      {"surge pods multiply", half, 2, "TTTT", {0.6, 0.6, 0.6, 0.6}, 5, "AboveTarget"},
      {"milli-units are cut off: 0.1109 is 110m", pods, 10, "T", {0.1109}, 10, "InTolerance"},
      {"a missing sample is full below", half, 4, "TTTt", {0.1, 0.1, 0.1}, 3, "BelowTarget"},
  };
  for (const PodsRow& row : rows) {
    INFO(row.what);
    const Proposal proposal = Propose(row);
    CHECK(proposal.replicas == row.replicas);
    CHECK(proposal.reason == row.reason);
  }
  CHECK(Propose(PodsRow{"", half, 2, "TT", {0.8, 0.8}, 0, ""}, false).replicas == 4);
  const Row whole[] = {
      {"an External Value times the ready pods", Strict(Value(100)), 3, 1, 195, 2},
      {"nothing ready gives nothing", Strict(Value(100)), 3, 0, 150, 0},
      {"the last bits are rounded up", Strict(Value(70)), 7, 7, 290, 30},
      {"an External AverageValue", Strict(Average(100)), 4, 4, 950, 10},
      {"a target is rounded up to milli-units: 11 of 0.0011 are 5.5 of 2m", Strict(Average(0.0011)),
       1, 1, 0.0121, 6},
      {"0.07 is 70m and not 71m", Strict(Average(0.07)), 1, 1, 7, 100},
  };
  for (const Row& row : whole) {
    INFO(row.what);
    CHECK(Propose(row, Reading::Value(row.value, {})).replicas == row.replicas);
  }
  CHECK(Propose(Row{"", Strict(Value(1)), 4, 4, 0, 0}, Reading::Unknown(ReadingState::kStale, ""))
            .kind == ProposalKind::kHold);
}

TEST_CASE("ratio: the HPA's formula") {
  const Row rows[] = {
      {"Value multiplies the ready pods", Value(100), 4, 4, 200, 8},
      {"Value rounds up", Value(70), 7, 7, 77.8, 8},
      {"no off-by-one from the last bits of a division", Value(70), 7, 7, 290, 29},
      {"within the tolerance nothing changes", Value(100), 10, 10, 110, 10},
      {"at the lower edge of the tolerance nothing changes", Value(100), 10, 10, 90, 10},
      {"below the tolerance it falls", Value(100), 10, 10, 80, 8},
      {"no ready pod counts as all of them", Value(100), 4, 0, 200, 8},
      {"AverageValue divides the total", Average(100), 4, 4, 950, 10},
      {"AverageValue is judged against spec.replicas", Average(100), 10, 3, 1050, 10},
      {"a huge value saturates", Value(1e-9), 10, 10, 1e30, std::numeric_limits<int>::max()},
      {"zero is a value", Average(100), 4, 4, 0, 0},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    CHECK(Propose(row, Reading::Value(row.value, {})).replicas == row.replicas);
  }
}

TEST_CASE("ratio: readiness and surge bend the population, never the direction") {
  const Row rows[] = {
      {"above the target with few ready pods nothing is taken away", Value(100), 3, 1, 195, 3},
      {"surge pods do not multiply above the target", Value(100), 2, 3, 150, 3},
      {"below the target they carry load too, and give no more than spec", Value(100), 10, 12, 85,
       10},
      {"with no ready pod nothing is taken away", Value(100), 4, 0, 10, 4},
      {"from zero there is no tolerance", Value(100), 0, 0, 95, 1},
      {"from zero, nothing", Average(100), 0, 0, 0, 0},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    CHECK(Propose(row, Reading::Value(row.value, {})).replicas == row.replicas);
  }
}

TEST_CASE("ratio: an unknown signal forbids scale-in, and proposes nothing") {
  const Row row{"", Value(100), 4, 4, 0, 0};
  const double nan = std::nan("");
  for (const Reading& reading :
       {Reading::Unknown(ReadingState::kStale, "old"), Reading::Value(nan, {})}) {
    const Proposal proposal = Propose(row, reading);
    CHECK(proposal.kind == ProposalKind::kHold);
    CHECK(proposal.direction == Direction::kDown);
    CHECK(proposal.reason == "SignalMissing");
  }
  CHECK(Propose(row, Reading::Unknown(ReadingState::kNoTraffic, "")).kind ==
        ProposalKind::kNoOpinion);
}

TEST_CASE("ratio: wrong params are refused by name") {
  const std::pair<nlohmann::json, const char*> rows[] = {
      {{{"signal", "x"}}, "target"},
      {{{"target", 1}}, "signal"},
      {{{"signal", "x"}, {"target", 0}}, "target"},
      {{{"signal", "x"}, {"target", 1}, {"type", "Median"}}, "type"},
      {{{"signal", "x"}, {"target", 1}, {"tarket", 2}}, "tarket"},
      {{{"signal", "x"}, {"target", 1}, {"compatibility", "hpa2"}}, "compatibility"},
      {{{"signal", "latencyP99"}, {"target", 70}, {"type", "Utilization"}}, "params.type"},
      {Utilization("70"), "params.target"},
      {Utilization(0), "params.target"},
      {Utilization(1001), "params.target"},
      {Strict(Utilization("70.5%")), "whole percents"},
  };
  for (const auto& [params, name] : rows) {
    const auto module = MakePolicy("ratio", params);
    REQUIRE_FALSE(module);
    CHECK(module.error().message.find(name) != std::string::npos);
  }
}

TEST_CASE("an unknown module is refused with the list of the known ones") {
  const auto module = MakePolicy("sol", nullptr);
  REQUIRE_FALSE(module);
  CHECK(module.error().message.find("ratio, slo") != std::string::npos);
}

}  // namespace
}  // namespace evenkeel
