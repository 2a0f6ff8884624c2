#include "controller/prometheus/permissions.hpp"

#include <chrono>
#include <string>
#include <vector>

#include "tests/controller/prometheus/needs.hpp"
#include "tests/support/catch.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using namespace std::chrono_literals;

namespace {

PolicyNeeds Needs(const std::string& name, const std::string& source) {
  PolicyNeeds needs;
  needs.policy = {"shop", name};
  needs.target.name = name;
  needs.metrics.source = source;
  needs.metrics.queries = {{"queueDepth", "sum(jobs)"}};
  needs.needs = {{"requestRate", 0s}, {"queueDepth", 0s}, {"queueDepth", 600s}};
  return needs;
}

}  // namespace

TEST_CASE("own PromQL reaches only a source that takes it, and the policy's presets go on") {
  std::vector<PolicyNeeds> policies = {Needs("a", "open"), Needs("b", "closed"),
                                       Needs("c", "unknown")};
  std::vector<UnmetNeed> refused = RefuseRawQueries(policies, {{"open", true}, {"closed", false}});
  Plan plan = PlanOf(policies);
  plan.unmet = std::move(refused);
  std::vector<std::string> asked;
  for (const PlannedQuery& query : plan.queries) {
    if (query.promql == "sum(jobs)") asked.push_back(query.source);
  }
  CHECK(asked == std::vector<std::string>{"open", "open", "unknown", "unknown"});
  const std::vector<Dealt> dealt = Deal(plan, {});
  const Reading& reading = dealt.at(1).readings.at("queueDepth");
  CHECK(reading.state == ReadingState::kFailed);
  CHECK_THAT(reading.message,
             Catch::StartsWith("metrics.queries[queueDepth]: the source \"closed\" takes no") &&
                 Catch::Contains("rawQueries: true"));
  CHECK(dealt.at(1).series.empty());
  CHECK_THAT(dealt.at(1).readings.at("requestRate").message, !Catch::Contains("metrics.queries"));
  CHECK_THAT(dealt.at(0).readings.at("queueDepth").message, !Catch::Contains("metrics.queries"));
}

TEST_CASE("a preset's signal that own PromQL would replace is not asked of the preset instead") {
  PolicyNeeds needs = Needs("a", "closed");
  needs.metrics.queries = {{"requestRate", "sum(x)"}};
  std::vector<PolicyNeeds> policies = {needs};
  CHECK(RefuseRawQueries(policies, {{"closed", false}}).size() == 1);
  CHECK(policies.front().needs.size() == 2);
  CHECK(policies.front().needs.front().signal == "queueDepth");
}
