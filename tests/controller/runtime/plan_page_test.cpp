#include "controller/runtime/plan_page.hpp"

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "controller/runtime/built_in_presets.hpp"
#include "tests/support/catch.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr TimePoint kNow{1'800'000'000s};

PolicyNeeds Needs(const std::string& name) {
  PolicyNeeds needs{
      {"shop", name}, {.name = name}, {}, {{"requestRate", 0s}, {"queueDepth", 0s}}, {}};
  needs.metrics.queries = {{"queueDepth", "sum(jobs)"}};
  return needs;
}

// Own PromQL fails; everything else answers with nothing.
Batch Answered(const std::string& source, const std::vector<PolicyNeeds>& needs) {
  Batch batch{.source = source, .plan = BuildPlan(needs, kNow, {BuiltInPresets()})};
  for (const PlannedQuery& query : batch.plan.queries) {
    const bool own = query.preset == nullptr;
    batch.readings.answers.push_back(
        {query,
         own ? Result<QueryResult>(Error{ErrorKind::kInvalid, "parse error", {}}) : QueryResult{},
         own ? 0ms : 12ms, own ? 0U : 4096U});
  }
  batch.took = 15ms;
  return batch;
}

TEST_CASE("plan page: each source's queries with what they cost and what came of them") {
  PlanPage page;
  CHECK(json::parse(page.Serialize()) == json{{"sources", json::array()}});
  const Batch batch = Answered("thanos", {Needs("a"), Needs("b")});
  page.Show(batch, 7);
  const json shown = json::parse(page.Serialize())["sources"];
  REQUIRE(shown.size() == 1);
  CHECK(shown[0]["source"] == "thanos");
  CHECK(shown[0]["round"] == 7);
  CHECK(shown[0]["time"] == "2027-01-15T08:00:00Z");
  CHECK(shown[0]["policies"] == 2);
  CHECK(shown[0]["milliseconds"] == 15);
  CHECK(shown[0]["omitted"] == 0);
  REQUIRE(shown[0]["queries"].size() == batch.plan.queries.size());
  for (std::size_t i = 0; i < batch.plan.queries.size(); ++i) {
    const PlannedQuery& query = batch.plan.queries[i];
    const json& row = shown[0]["queries"][i];
    CHECK(row["promql"] == query.promql);
    CHECK(row["topic"] == query.topic);
    CHECK(row["targets"] == 2);
    CHECK(row["window"] == "1m");
    CHECK(row.contains("preset") == (query.preset != nullptr));
    CHECK(row["milliseconds"] == (query.preset == nullptr ? 0 : 12));
    CHECK(row["bytes"] == (query.preset == nullptr ? 0 : 4096));
    CHECK(row["outcome"] == (query.preset == nullptr ? "parse error" : "ok"));
  }
}

TEST_CASE("plan page: a source shows its last round, and goes when it is not asked any more") {
  PlanPage page;
  page.Show(Answered("old", {Needs("a")}), 1);
  page.Show(Answered("default", {Needs("a"), Needs("b")}), 1);
  page.Show(Answered("default", {Needs("a")}), 2);
  const json both = json::parse(page.Serialize())["sources"];
  REQUIRE(both.size() == 2);
  CHECK(both[0]["policies"] == 1);
  page.Show(Answered("default", {Needs("a")}), 2 + PlanPage::kKeptRounds);
  CHECK(json::parse(page.Serialize())["sources"].size() == 1);
}

TEST_CASE("plan page: it is bounded, over all sources, and says how much it leaves out") {
  PlanPage page;
  PolicyNeeds needs = Needs("a");
  needs.needs.clear();
  for (int i = 0; i < 400; ++i) {
    const std::string signal = "s" + std::to_string(i);
    needs.metrics.queries[signal] = "sum(" + std::string(4000, 'x') + signal + ")";
    needs.needs.push_back({signal, 0s});
  }
  page.Show(Answered("a", {needs}), 1);
  page.Show(Answered("b", {needs}), 1);
  const std::string text = page.Serialize();
  CHECK(text.size() < PlanPage::kMaxBytes + 10'000);
  const json shown = json::parse(text)["sources"];
  for (const json& source : shown) {
    CHECK(source["queries"].size() + source["omitted"].get<std::size_t>() == 400);
  }
  CHECK(shown[0]["queries"].size() > 200);
  CHECK(shown[1]["omitted"] >= 200);
}

}  // namespace
}  // namespace evenkeel
