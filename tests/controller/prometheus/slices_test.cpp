#include "controller/prometheus/slices.hpp"

#include "tests/controller/prometheus/needs.hpp"
#include "tests/support/catch.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using namespace std::chrono_literals;

namespace {

const Instants kPast{kNow - 45s, kNow, 15s};

Plan PastOf(const std::vector<PolicyNeeds>& policies) { return PastPlanOf(policies, kPast); }

ResultSeries Row(std::string target, std::vector<std::pair<int, double>> samples) {
  ResultSeries row{
      .labels = {{"namespace", "shop"}, {std::string(kTargetLabel), std::move(target)}}};
  for (const auto& [ago, value] : samples) {
    row.samples.push_back({kNow - std::chrono::seconds(ago), value});
  }
  return row;
}

Answer Matrix(const PlannedQuery& query, std::vector<ResultSeries> series) {
  return {query, QueryResult{.type = ResultType::kMatrix, .series = std::move(series)}};
}

PolicyNeeds OwnQuery() {
  PolicyNeeds needs = NeedsFor("shop", "cart", {});
  needs.needs = {{"depth", {}}};
  needs.metrics.queries = {{"depth", "queue_depth"}};
  return needs;
}

Reading DepthAt(Plan plan, Slices& slices, TimePoint time) {
  plan.time = time;
  return Deal(plan, slices.At(time)).front().readings.Find("depth");
}

}  // namespace

TEST_CASE("a plan for the past asks the instants' own text, at all of them at once") {
  const std::vector<PolicyNeeds> policies = {
      NeedsFor("shop", "cart", {"latencyP99", "eventLoopUtilization"}), OwnQuery()};
  const Plan now = PlanOf(policies);
  const Plan past = PastOf(policies);
  REQUIRE(past.queries.size() == now.queries.size());
  for (std::size_t i = 0; i < past.queries.size(); ++i) {
    CHECK(past.queries[i].promql == now.queries[i].promql);
    const HttpRequest request = RequestOf(past.queries[i], kNow, 4s);
    CHECK(request.target == "/api/v1/query_range");
    CHECK_THAT(request.body,
               Catch::Contains("&start=1699999955.000&end=1700000000.000&step=15.000"));
  }
}

TEST_CASE("the longer the past, the fewer targets a query has") {
  std::vector<PolicyNeeds> policies;
  for (int i = 0; i < 150; ++i) {
    policies.push_back(NeedsFor("shop", "svc" + std::to_string(i), {"requestRate"}));
  }
  CHECK(PastPlanOf(policies, {kNow - 15s * 9, kNow, 15s}).queries.size() == 2);
  const Plan hour = PastPlanOf(policies, {kNow - 15s * 199, kNow, 15s});
  CHECK(hour.queries.size() == 8);
  CHECK(hour.queries.front().members.size() == 20);
  CHECK(PastPlanOf(policies, {kNow - 5000s, kNow, 1s}).queries.size() == 150);
}

TEST_CASE("one target's past is split in time when its answer is too large") {
  const Plan plan = PastOf({OwnQuery()});
  const auto halves = Split(plan.queries.front());
  REQUIRE(halves.size() == 2);
  CHECK(halves[0].past == Instants{kNow - 45s, kNow - 30s, 15s});
  CHECK(halves[1].past == Instants{kNow - 15s, kNow, 15s});
  CHECK(Split(Split(halves[0]).front()).empty());
  CHECK(Split(PlanOf(std::vector{OwnQuery()}).queries.front()).empty());
}

TEST_CASE("a slice is what the instant query answered then") {
  const Plan plan = PastOf({OwnQuery()});
  ResultSeries depth = Row("", {{45, 7}, {15, 9}});
  Slices slices(
      {Matrix(plan.queries.front(), {depth, Row("other", {{0, 1}}), Row("more", {{0, 2}})})});
  CHECK(DepthAt(plan, slices, kNow - 45s) == Reading::Value(7, kNow - 45s));
  CHECK(DepthAt(plan, slices, kNow - 30s).state == ReadingState::kNoData);
  CHECK(DepthAt(plan, slices, kNow - 15s) == Reading::Value(9, kNow - 15s));
  CHECK(DepthAt(plan, slices, kNow).state == ReadingState::kAmbiguous);
  CHECK(DepthAt(plan, slices, kNow - 45s) == Reading::Value(7, kNow - 45s));
}

TEST_CASE("of answers split in time each counts for its own instants") {
  const Plan plan = PastOf({OwnQuery()});
  const auto halves = Split(plan.queries.front());
  Slices slices({{halves[0], Error{ErrorKind::kTooLarge, "too large", {}}},
                 Matrix(halves[1], {Row("", {{15, 3}, {0, 4}})})});
  CHECK(DepthAt(plan, slices, kNow - 30s).state == ReadingState::kFailed);
  CHECK(DepthAt(plan, slices, kNow - 15s) == Reading::Value(3, kNow - 15s));
  CHECK(DepthAt(plan, slices, kNow) == Reading::Value(4, kNow));
}

TEST_CASE("an answer that is no matrix has failed") {
  const Plan plan = PastOf({OwnQuery()});
  Slices slices({{plan.queries.front(), QueryResult{.series = {Row("", {{0, 1}})}}}});
  CHECK(DepthAt(plan, slices, kNow).state == ReadingState::kFailed);
}

TEST_CASE("a look-back of a past instant is what of its range lies before that instant") {
  PolicyNeeds needs = NeedsFor("shop", "cart", {});
  needs.needs = {{"latencyP99", 30s}};
  Plan plan = PastOf({needs});
  std::vector<Answer> answers;
  for (const PlannedQuery& query : plan.queries) {
    std::vector<ResultSeries> rows;
    if (query.look_back > 0s) rows = {Row("cart", {{75, 1}, {60, 2}, {45, 3}, {30, 4}, {15, 5}})};
    answers.push_back(Matrix(query, rows));
  }
  Slices slices(std::move(answers));
  plan.time = kNow - 30s;
  const Series series = Deal(plan, slices.At(plan.time)).front().series.at("latencyP99");
  CHECK(series == Series{{kNow - 60s, 2}, {kNow - 45s, 3}, {kNow - 30s, 4}});
}

TEST_CASE("a look-back's points lie at multiples of its step, whenever it is asked") {
  PlannedQuery query;
  query.look_back = 3600s;
  const auto start = [&](TimePoint time) {
    const std::string body = RequestOf(query, time, 4s).body;
    return std::stod(body.substr(body.find("start=") + 6));
  };
  CHECK(start(TimePoint(7200s)) == 3600);
  CHECK(start(TimePoint(7201s)) == 3615);
  CHECK(start(TimePoint(7215s)) == 3615);
}
