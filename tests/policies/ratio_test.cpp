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

TEST_CASE("ratio: an unknown signal gives no opinion") {
  const Row row{"", Value(100), 4, 4, 0, 0};
  const Proposal proposal = Propose(row, Reading::Unknown(ReadingState::kStale, "old"));
  CHECK(proposal.kind == ProposalKind::kNoOpinion);
  CHECK(proposal.reason == "SignalMissing");
}

TEST_CASE("ratio: wrong params are refused by name") {
  const std::pair<nlohmann::json, const char*> rows[] = {
      {{{"signal", "x"}}, "target"},
      {{{"target", 1}}, "signal"},
      {{{"signal", "x"}, {"target", 0}}, "target"},
      {{{"signal", "x"}, {"target", 1}, {"type", "Median"}}, "type"},
      {{{"signal", "x"}, {"target", 1}, {"tarket", 2}}, "tarket"},
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
