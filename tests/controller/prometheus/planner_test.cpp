#include "controller/prometheus/planner.hpp"

#include <algorithm>
#include <set>

#include "controller/prometheus/census.hpp"
#include "controller/prometheus/templates.hpp"
#include "tests/controller/prometheus/needs.hpp"
#include "tests/support/catch.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using namespace std::chrono_literals;

namespace {

std::set<std::string> Topics(const Plan& plan) {
  std::set<std::string> topics;
  for (const PlannedQuery& query : plan.queries) topics.insert(query.topic);
  return topics;
}

}  // namespace

TEST_CASE("policies that need the same share one query, one per topic") {
  const std::vector<std::string> all = {"latencyP99", "errorRate", "requestRate",
                                        "eventLoopLagP99"};
  const std::vector<PolicyNeeds> policies = {NeedsFor("shop", "cart", all),
                                             NeedsFor("shop", "checkout", all),
                                             NeedsFor("mail", "smtp", all)};
  const Plan plan = PlanOf(policies);
  CHECK(plan.queries.size() == 3);
  CHECK(Topics(plan) == std::set<std::string>{"latencyP99", "traffic", "eventLoopLagP99"});
  for (const PlannedQuery& query : plan.queries) {
    CHECK(query.members.size() == 3);
    CHECK_THAT(query.promql,
               Catch::Contains(R"(namespace=~"mail|shop",pod=~"(?:cart|checkout|smtp)-)"));
  }
}

TEST_CASE("a query has at most a hundred targets, and no target is lost") {
  const Plan plan = PlanOf(Many(250));
  REQUIRE(plan.queries.size() == 3);
  std::set<std::size_t> policies;
  for (const PlannedQuery& query : plan.queries) {
    CHECK(query.members.size() <= 100);
    for (const Member& member : query.members) policies.insert(member.policy);
  }
  CHECK(policies.size() == 250);
}

TEST_CASE("no query's text is longer than servers take, but one target's own") {
  std::vector<PolicyNeeds> policies = Many(100);
  CHECK(PlanOf(policies).queries.size() == 1);
  for (PolicyNeeds& needs : policies) needs.target.name += std::string(190, 'x');
  const Plan plan = PlanOf(policies);
  std::size_t members = 0;
  for (const PlannedQuery& query : plan.queries) {
    CHECK(query.promql.size() < 16'384);  // VictoriaMetrics' limit
    members += query.members.size();
  }
  CHECK(members == 100);
  policies[0].target.name += std::string(2 * kMaxPromqlBytes, 'x');
  CHECK(PlanOf({policies.data(), 1}).queries.size() == 1);
}

TEST_CASE("what differs in source, preset, window or kind of name is asked apart") {
  std::vector<PolicyNeeds> policies(6, NeedsFor("shop", "cart", {"requestRate"}));
  policies[1].metrics.source = "other";
  policies[2].metrics.latency_preset = "caddy";
  policies[3].metrics.window = 120s;
  policies[4].target.kind = "StatefulSet";
  policies[5].metrics.match = {{"job", "cart"}};
  CHECK(PlanOf(policies).queries.size() == 6);
}

TEST_CASE("a proxy's preset finds the target by its service, and match decides where it is given") {
  PolicyNeeds needs = NeedsFor("shop", "cart", {"requestRate"});
  needs.metrics.latency_preset = "caddy";
  CHECK_THAT(PlanOf({&needs, 1}).queries[0].promql,
             Catch::Contains(R"({namespace="shop",service="cart",handler)"));
  needs.metrics.match = {{"service", "cart-public"}, {"zone", "a"}};
  CHECK_THAT(PlanOf({&needs, 1}).queries[0].promql,
             Catch::Contains(R"({namespace="shop",service="cart-public",zone="a",handler)"));
}

TEST_CASE("the policy's own namespace is demanded whatever match says") {
  PolicyNeeds needs = NeedsFor("shop", "cart", {"requestRate"});
  needs.metrics.match = {{"namespace", "bank"}, {"service", "x\"} or {namespace=\"bank"}};
  const std::string promql = PlanOf({&needs, 1}).queries[0].promql;
  CHECK_THAT(promql, Catch::Contains(R"({namespace="shop",service="x\"} or {namespace=\"bank"})"));
  CHECK_THAT(promql, !Catch::Contains(R"(namespace="bank")"));
}

TEST_CASE("latency and runtime may come from two presets") {
  PolicyNeeds needs = NeedsFor("shop", "cart", {"latencyP99", "eventLoopLagP99"});
  needs.metrics.latency_preset = "caddy";
  for (const PlannedQuery& query : PlanOf({&needs, 1}).queries) {
    const bool runtime = query.topic == "eventLoopLagP99";
    CHECK_THAT(query.promql, Catch::Contains(runtime ? "nodejs_eventloop_lag" : "caddy_http"));
  }
}

TEST_CASE("own queries are sent as they are, once per text") {
  std::vector<PolicyNeeds> policies = {NeedsFor("shop", "a", {"depth"}),
                                       NeedsFor("shop", "b", {"backlog"})};
  policies[0].metrics.queries = {{"depth", "sum(jobs)"}};
  policies[1].metrics.queries = {{"backlog", "sum(jobs)"}};
  const Plan plan = PlanOf(policies);
  REQUIRE(plan.queries.size() == 1);
  CHECK(plan.queries[0].promql == "sum(jobs)");
  CHECK(plan.queries[0].members.size() == 2);
  CHECK(Split(plan.queries[0]).empty());
}

TEST_CASE("own queries come after all others, for nobody knows how long they take") {
  std::vector<PolicyNeeds> policies = {NeedsFor("a", "first", {"requestRate", "custom"}),
                                       NeedsFor("z", "last", {"requestRate", "latencyP99"})};
  policies[0].metrics.queries = {{"custom", "sum(a)"}};
  policies[1].metrics.source = "zzz";
  const Plan plan = PlanOf(policies);
  REQUIRE(plan.queries.size() == 4);
  CHECK(plan.queries.back().promql == "sum(a)");
  const Census census;  // asks for rules
  CHECK(BuildPlan(policies, kNow, {BuiltInPresets(), &census}).queries.back().promql == "sum(a)");
}

TEST_CASE("an own query replaces the preset's signal of that name") {
  PolicyNeeds needs = NeedsFor("shop", "a", {"requestRate"});
  needs.metrics.queries = {{"requestRate", "my_rate"}};
  const Plan plan = PlanOf({&needs, 1});
  REQUIRE(plan.queries.size() == 1);
  CHECK(plan.queries[0].promql == "my_rate");
}

TEST_CASE("a look-back is a range query besides the current reading") {
  PolicyNeeds needs = NeedsFor("shop", "a", {});
  needs.needs = {{"latencyP99", 1h}};
  const Plan plan = PlanOf({&needs, 1});
  const auto range = std::find_if(plan.queries.begin(), plan.queries.end(),
                                  [](const PlannedQuery& query) { return query.look_back == 1h; });
  REQUIRE(range != plan.queries.end());
  CHECK(plan.queries.size() == 3);
  const HttpRequest request = RequestOf(*range, kNow, 4s);
  CHECK(request.target == "/api/v1/query_range");
  CHECK_THAT(request.body, Catch::Contains("&step=15.000"));
}

TEST_CASE("a range never asks for more points than a server gives") {
  PlannedQuery query;
  for (const auto look_back : {std::chrono::seconds(1h), std::chrono::seconds(24h * 14)}) {
    query.look_back = look_back;
    const std::string body = RequestOf(query, kNow, 4s).body;
    const double step = std::stod(body.substr(body.find("step=") + 5));
    CHECK(static_cast<double>(look_back.count()) / step <= 1000);
  }
}

TEST_CASE("a batch is split in halves down to single targets") {
  const Plan plan = PlanOf(Many(5));
  std::vector<PlannedQuery> waiting = {plan.queries.at(0)};
  std::set<std::size_t> singles;
  while (!waiting.empty()) {
    const PlannedQuery query = waiting.back();
    waiting.pop_back();
    const auto parts = Split(query);
    if (parts.empty()) {
      REQUIRE(query.members.size() == 1);
      singles.insert(query.members[0].policy);
      CHECK_THAT(query.promql, Catch::Contains("svc" + query.members[0].values[1].substr(3)));
    }
    waiting.insert(waiting.end(), parts.begin(), parts.end());
  }
  CHECK(singles.size() == 5);
}

TEST_CASE("a need that no query can answer is said to be so, and harms no other") {
  std::vector<PolicyNeeds> policies(4, NeedsFor("shop", "a", {"latencyP99"}));
  policies[0].metrics.latency_preset = "promclient";
  policies[1] = NeedsFor("shop", "a", {"inFlight"});
  policies[2].metrics.match = {{"a\"b", "c"}};
  const Plan plan = PlanOf(policies);
  const auto dealt = Deal(plan, {});
  CHECK(plan.queries.size() == 2);
  CHECK_THAT(dealt[0].readings.Find("latencyP99").message,
             Catch::StartsWith("unknown preset \"promclient\"; known are caddy, envoy-gateway, "));
  CHECK(dealt[1].readings.Find("inFlight").state == ReadingState::kNoData);
  CHECK_THAT(dealt[1].readings.Find("inFlight").message, Catch::Contains("metrics.queries"));
  CHECK_THAT(dealt[2].readings.Find("latencyP99").message, Catch::Contains("not a label name"));
  CHECK(dealt[3].readings.Find("latencyP99").message == "the query was not asked");
}

TEST_CASE("a policy needs its objectives' signals, its modules' and the request rate") {
  class Wants : public Policy {
   public:
    std::vector<Need> Needs(const TargetSpec&) const override {
      return {{"requestRate", 0s}, {"depth", 10min}};
    }
    Result<Proposal> Propose(const Input&) const override { return Proposal{}; }
  };
  ScalingPolicy policy;
  policy.key = {"shop", "checkout"};
  policy.target.objectives.latency_p99 = 250ms;
  policy.target.objectives.event_loop_utilization = 0.7;
  policy.policies = {{"wants", {}, std::make_shared<Wants>()}};
  CHECK(NeedsOf(policy).needs == std::vector<Need>{{"latencyP99", 0s},
                                                   {"eventLoopUtilization", 0s},
                                                   {"requestRate", 0s},
                                                   {"depth", 10min}});
}

TEST_CASE("a label that holds both names takes another name from match, never another namespace") {
  PolicyNeeds needs = NeedsFor("shop", "cart", {"inFlight"});
  needs.metrics.latency_preset = "envoy-gateway";
  CHECK_THAT(PlanOf({&needs, 1}).queries[0].promql,
             Catch::Contains(R"({envoy_cluster_name=~"httproute/(?:shop/cart)/rule/[0-9]+"})"));
  needs.metrics.match = {{"envoy_cluster_name", "bank/vault"}, {"zone", "a"}};
  CHECK_THAT(PlanOf({&needs, 1}).queries[0].promql,
             Catch::Contains(
                 R"({envoy_cluster_name=~"httproute/(?:shop/bank/vault)/rule/[0-9]+",zone="a"})"));
}

TEST_CASE("badRatio is asked per objective, and needs one") {
  std::vector<PolicyNeeds> policies(3, NeedsFor("shop", "cart", {"badRatio"}));
  policies[1].policy.name = "b";
  policies[1].latency_objective = 250ms;
  policies[2].policy.name = "c";
  policies[2].latency_objective = 500ms;
  const Plan plan = PlanOf(policies);
  CHECK(Of(plan, signal::kBadRatio).size() == 2);
  REQUIRE(plan.unmet.size() == 1);
  CHECK_THAT(plan.unmet.front().reading.message, Catch::Contains("objectives.latencyP99"));
}
