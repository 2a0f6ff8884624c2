#include "controller/prometheus/census.hpp"

#include <string>
#include <vector>

#include "controller/prometheus/templates.hpp"
#include "tests/controller/prometheus/needs.hpp"
#include "tests/support/catch.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using namespace std::chrono_literals;

namespace {

Plan PlanWith(const std::vector<PolicyNeeds>& policies, const Census& census) {
  return BuildPlan(policies, kNow, {BuiltInPresets(), &census});
}

// Answers every census query of the plan: so many targets, of which some are bare; no rules.
void Count(Census& census, const Plan& plan, double targets, double bare = 0) {
  std::vector<Answer> answers;
  for (const PlannedQuery& query : plan.queries) {
    if (query.topic != kCensus) continue;
    QueryResult result;
    if (query.preset != nullptr) {
      const auto row = [](const char* part, double value) {
        return ResultSeries{{{std::string(kPartLabel), part}}, {{kNow, value}}};
      };
      result.series = {row("targets", targets), row("bare", bare)};
    }
    answers.push_back({query, result});
  }
  census.Note(answers, kNow);
}

PlannedQuery OwnQuery() {
  PlannedQuery query;
  query.source = "default";
  query.promql = "sum(a)";
  return query;
}

}  // namespace

TEST_CASE("once most of a source's targets are asked for, they are asked for without names") {
  Census census;
  const Plan first = PlanWith(Many(250), census);
  CHECK(Of(first, kCensus).size() == 2);  // the targets, and the rules
  CHECK(Of(first, kTraffic).size() == 3);
  Count(census, first, 400);
  const Plan second = PlanWith(Many(250), census);
  CHECK(Of(second, kCensus).empty());
  REQUIRE(Of(second, kTraffic).size() == 1);
  const PlannedQuery query = Of(second, kTraffic).front();
  CHECK(query.filter == Filter::kNone);
  CHECK(query.heartbeat_only);
  CHECK(query.members.size() == 250);
  CHECK_THAT(query.promql, !Catch::Contains("svc1"));
}

TEST_CASE(
    "few policies among many services are asked for by name, and a small batch is not counted") {
  Census census;
  Count(census, PlanWith(Many(250), census), 420);
  CHECK(Of(PlanWith(Many(250), census), kTraffic).size() == 3);
  Census fresh;
  CHECK(Of(PlanWith(Many(100), fresh), kCensus).size() == 1);  // the rules
}

TEST_CASE("where some service has no heartbeat, its requests are counted in its stead") {
  Census census;
  Count(census, PlanWith(Many(250), census), 250, 1);
  CHECK_FALSE(Of(PlanWith(Many(250), census), kTraffic).front().heartbeat_only);
}

TEST_CASE("an unnamed question that is too large is split by namespaces, then by names") {
  std::vector<PolicyNeeds> policies = Many(250);
  for (std::size_t i = 0; i < 50; ++i) policies[i].policy.namespace_name = "mail";
  Census census;
  Count(census, PlanWith(policies, census), 250);
  const PlannedQuery whole = Of(PlanWith(policies, census), kTraffic).front();
  const auto halves = Split(whole);
  REQUIRE(halves.size() == 2);
  CHECK(halves[0].members.size() + halves[1].members.size() == 250);
  CHECK_THAT(halves[0].promql, Catch::Contains(R"({namespace=)"));
  CHECK(halves[1].filter == Filter::kNamespaces);
  const auto named = Split(halves[1]);
  CHECK(named.size() == 2);
  CHECK(named[0].filter == Filter::kNames);
  CHECK(named[0].members.size() == 100);
}

TEST_CASE("more targets than one answer should hold are asked for by namespaces") {
  std::vector<PolicyNeeds> policies = Many(7000);
  for (std::size_t i = 0; i < policies.size(); ++i) {
    policies[i].policy.namespace_name = "team" + std::to_string(i % 10);
  }
  Census census;
  Count(census, PlanWith(policies, census), 7000);
  const auto queries = Of(PlanWith(policies, census), kTraffic);
  REQUIRE(queries.size() == 2);
  CHECK(queries[0].members.size() == 4900);
  CHECK(queries[0].filter == Filter::kNamespaces);
}

TEST_CASE("a census that failed is not asked again at once, and leaves what was known") {
  Census census;
  const Plan first = PlanWith(Many(250), census);
  std::vector<Answer> answers;
  for (const PlannedQuery& query : first.queries) {
    answers.push_back({query, Error{ErrorKind::kTimeout, "slow", {}}});
  }
  census.Note(answers, kNow);
  CHECK(Of(PlanWith(Many(250), census), kCensus).empty());
  CHECK(Of(PlanWith(Many(250), census), kTraffic).size() == 3);
  CHECK(
      Of(BuildPlan(Many(250), kNow + kCensusEvery, {BuiltInPresets(), &census}), kCensus).size() ==
      2);
}

TEST_CASE("an unnamed question that comes too late is asked by names, for a while") {
  Census census;
  Count(census, PlanWith(Many(250), census), 250);
  const PlannedQuery whole = Of(PlanWith(Many(250), census), kTraffic).front();
  REQUIRE(whole.filter == Filter::kNone);
  const Error late{ErrorKind::kTimeout, "no answer before the round's deadline", {}};
  const Answer other{OwnQuery(), QueryResult{}, 10ms};
  const std::vector<std::vector<Answer>> harmless = {
      {{whole, late}, other},  // not even sent
      {{whole, late, 10s}, {other.query, Error{ErrorKind::kUnavailable, "down", {}}, 1s}},
      {{whole, late, 10s}},                                // its source hung
      {{whole, late, 4s}, {other.query, late, 9s}, other}  // had no time left
  };
  for (const auto& answers : harmless) {
    census.Note(answers, kNow);
    CHECK(Of(PlanWith(Many(250), census), kTraffic).size() == 1);
  }
  census.Note(std::vector<Answer>{{whole, late, 5s}, {other.query, late, 9s}, other}, kNow);
  CHECK(Of(PlanWith(Many(250), census), kTraffic).size() == 3);
  const Plan later = BuildPlan(Many(250), kNow + kCensusEvery, {BuiltInPresets(), &census});
  CHECK(Of(later, kTraffic).size() == 1);
}

TEST_CASE("series of recording rules are asked for where they are there") {
  const std::vector<PolicyNeeds> policies = {NeedsFor("shop", "cart", {"requestRate"})};
  Census census;
  const Plan first = PlanWith(policies, census);
  REQUIRE(Of(first, kCensus).size() == 1);
  QueryResult result;
  result.series = {{{{"__name__", "evenkeel:traffic"},
                     {"evenkeel_preset", "prom-client"},
                     {"evenkeel_window", "60s"}},
                    {{kNow, 5}}}};
  census.Note(std::vector<Answer>{{Of(first, kCensus).front(), result}}, kNow);
  CHECK(PlanWith(policies, census).queries.front().promql ==
        R"(max by (namespace, evenkeel_target, evenkeel_part) (evenkeel:traffic{)"
        R"(evenkeel_preset="prom-client",evenkeel_window="60s",namespace="shop",)"
        R"(evenkeel_target="cart"}))");
  std::vector<PolicyNeeds> others(3, policies.front());
  others[0].metrics.window = 30s;
  others[1].target.kind = "StatefulSet";
  others[2].metrics.match = {{"job", "cart"}};
  for (const PlannedQuery& query : PlanWith(others, census).queries) CHECK_FALSE(query.recorded);
}
