#include <cmath>

#include "controller/prometheus/planner.hpp"
#include "controller/prometheus/templates.hpp"
#include "tests/controller/prometheus/needs.hpp"
#include "tests/support/catch.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using namespace std::chrono_literals;

namespace {

constexpr double kNowSeconds = 1'700'000'000;

ResultSeries Row(std::map<std::string, std::string, std::less<>> labels, double value) {
  return {.labels = std::move(labels), .samples = {{kNow, value}}};
}

// Rows as a grouped query answers for one target of kind Deployment.
struct Target {
  std::string namespace_name, name;

  [[nodiscard]] ResultSeries Value(double value) const {
    return Row({{"namespace", namespace_name}, {std::string(kTargetLabel), name}}, value);
  }
  [[nodiscard]] ResultSeries Part(std::string_view part, double value, std::string pod = "") const {
    ResultSeries row = Value(value);
    row.labels.emplace(kPartLabel, part);
    if (!pod.empty()) row.labels.emplace("pod", std::move(pod));
    return row;
  }
  [[nodiscard]] std::vector<ResultSeries> Traffic(double rate) const {
    return {Part(part::kValue, rate), Part(part::kTime, kNowSeconds - 3), Part(part::kBefore, 6),
            Part(part::kFirst, 6), Part(part::kSecond, 6)};
  }
};

const Target kCart{"shop", "cart"};
const Target kMail{"mail", "cart"};

using Rows = std::map<std::string, std::vector<ResultSeries>>;

// Answers each planned query with the rows for its topic (own queries: for their text).
std::vector<Answer> AnswerAll(const Plan& plan, const Rows& rows) {
  std::vector<Answer> answers;
  for (const PlannedQuery& query : plan.queries) {
    QueryResult result;
    if (query.look_back > 0s) result.type = ResultType::kMatrix;
    const auto found = rows.find(query.preset == nullptr ? query.promql : query.topic);
    if (found != rows.end()) result.series = found->second;
    answers.push_back({query, result});
  }
  return answers;
}

Readings DealOne(const PolicyNeeds& needs, const Rows& rows) {
  const Plan plan = PlanOf({&needs, 1});
  return Deal(plan, AnswerAll(plan, rows)).front().readings;
}

const PolicyNeeds kLatencyNeeds =
    NeedsFor("shop", "cart", {"latencyP99", "errorRate", "requestRate"});

}  // namespace

TEST_CASE("every policy gets its own target's values and nobody else's") {
  const std::vector<PolicyNeeds> policies = {NeedsFor("shop", "cart", {"latencyP99"}),
                                             NeedsFor("mail", "cart", {"latencyP99"}),
                                             NeedsFor("shop", "gone", {"latencyP99"})};
  const Plan plan = PlanOf(policies);
  Rows rows = {
      {"latencyP99", {kCart.Value(0.1), kMail.Value(0.2), Target{"bank", "cart"}.Value(9)}},
      {"traffic", kCart.Traffic(10)}};
  for (const ResultSeries& row : kMail.Traffic(20)) rows["traffic"].push_back(row);
  const auto dealt = Deal(plan, AnswerAll(plan, rows));
  REQUIRE(dealt.size() == 3);
  CHECK(dealt[0].policy == ObjectKey{"shop", "cart"});
  CHECK(dealt[0].readings.Find("latencyP99").value == 0.1);
  CHECK(dealt[0].readings.Find("latencyP99").sample_time == kNow - 3s);
  CHECK(dealt[1].readings.Find("latencyP99").value == 0.2);
  CHECK(dealt[2].readings.Find("latencyP99").state == ReadingState::kNoData);
  CHECK_THAT(dealt[2].readings.Find("latencyP99").message,
             Catch::StartsWith("no series of http_request_duration_seconds{namespace=\"shop\","
                               "pod=~\"(?:gone)-"));
}

TEST_CASE("two policies on one target both get its values") {
  const std::vector<PolicyNeeds> policies(2, NeedsFor("shop", "cart", {"requestRate"}));
  const Plan plan = PlanOf(policies);
  const auto dealt = Deal(plan, AnswerAll(plan, {{"traffic", kCart.Traffic(10)}}));
  CHECK(dealt[0].readings.Find("requestRate").value == 10);
  CHECK(dealt[1].readings.Find("requestRate").value == 10);
}

TEST_CASE("without traffic there is no quantile and no ratio, but a rate of zero") {
  const Readings readings = DealOne(
      kLatencyNeeds, {{"latencyP99", {kCart.Value(std::nan(""))}}, {"traffic", kCart.Traffic(0)}});
  CHECK(readings.Find("latencyP99").state == ReadingState::kNoTraffic);
  CHECK(readings.Find("errorRate").state == ReadingState::kNoTraffic);
  CHECK(readings.Find("requestRate").HasValue());
  CHECK(readings.Find("requestRate").value == 0);
}

TEST_CASE(
    "the traffic tells the error rate where it says how requests ended, or else nobody does") {
  const auto traffic = [](std::map<std::string_view, double> ended) {
    std::vector<ResultSeries> rows = kCart.Traffic(0);
    rows.erase(rows.begin());
    for (const auto& [part, rate] : ended) rows.push_back(kCart.Part(part, rate));
    return DealOne(kLatencyNeeds, {{"traffic", rows}});
  };
  const Readings some = traffic({{part::kPassed, 6}, {part::kFailed, 2}, {part::kValue, 2}});
  CHECK(some.Find("errorRate").value == Approx(0.2));
  CHECK(some.Find("requestRate").value == Approx(10));
  CHECK(traffic({{part::kPassed, 6}}).Find("errorRate").HasValue());
  CHECK(traffic({{part::kPassed, 6}}).Find("errorRate").value == 0);
  CHECK(traffic({{part::kFailed, 6}}).Find("errorRate").value == 1);
  CHECK(traffic({{part::kValue, 6}}).Find("errorRate").state == ReadingState::kNoData);
  CHECK(traffic({{part::kPassed, 0}}).Find("errorRate").state == ReadingState::kNoTraffic);
}

TEST_CASE("a quantile at the largest bucket is at least that") {
  const Rows top = {{"latencyP99", {kCart.Value(10)}}, {"traffic", kCart.Traffic(1)}};
  const Rows below = {{"latencyP99", {kCart.Value(9.95)}}, {"traffic", kCart.Traffic(1)}};
  CHECK(DealOne(kLatencyNeeds, top).Find("latencyP99").at_least);
  CHECK_FALSE(DealOne(kLatencyNeeds, below).Find("latencyP99").at_least);
}

TEST_CASE("per-pod signals keep their pods") {
  const PolicyNeeds needs = NeedsFor("shop", "cart", {"eventLoopLagP99"});
  const Readings readings = DealOne(
      needs,
      {{"eventLoopLagP99",
        {kCart.Part(part::kValue, 0.1, "a"), kCart.Part(part::kTime, kNowSeconds - 1, "a"),
         kCart.Part(part::kValue, 0.5, "b"), kCart.Part(part::kTime, kNowSeconds - 4, "b")}}});
  const Reading& lag = readings.Find("eventLoopLagP99");
  REQUIRE(lag.pods);
  CHECK(lag.value == Approx(0.3));
  CHECK(lag.pods->max_pod == "b");
  CHECK(lag.sample_time == kNow - 1s);
}

TEST_CASE("a failed query fails its own policies' signals, with the reason") {
  const std::vector<PolicyNeeds> policies = {NeedsFor("shop", "a", {"depth", "requestRate"}),
                                             NeedsFor("shop", "cart", {"requestRate"})};
  std::vector<PolicyNeeds> with_query = policies;
  with_query[0].metrics.queries = {{"depth", "sum("}};
  const Plan plan = PlanOf(with_query);
  auto answers = AnswerAll(plan, {{"traffic", kCart.Traffic(10)}});
  for (Answer& answer : answers) {
    if (answer.query.preset == nullptr)
      answer.result = Error{ErrorKind::kInvalid, "1:5: parse error"};
  }
  const auto dealt = Deal(plan, answers);
  CHECK(dealt[0].readings.Find("depth").state == ReadingState::kFailed);
  CHECK(dealt[0].readings.Find("depth").message == "1:5: parse error");
  CHECK(dealt[0].readings.Find("requestRate").state == ReadingState::kNoData);
  CHECK(dealt[1].readings.Find("requestRate").HasValue());
}

TEST_CASE("a ratio whose traffic could not be asked is failed, not idle") {
  const PolicyNeeds needs = NeedsFor("shop", "cart", {"errorRate"});
  const Plan plan = PlanOf({&needs, 1});
  auto answers = AnswerAll(plan, {{"errorRate", {kCart.Value(0)}}});
  for (Answer& answer : answers) {
    if (answer.query.topic == kTraffic) answer.result = Error{ErrorKind::kTimeout, "late"};
  }
  const Reading reading = Deal(plan, answers).front().readings.Find("errorRate");
  CHECK(reading.state == ReadingState::kFailed);
  CHECK(reading.message == "late");
}

TEST_CASE("a partial answer and an answer of the wrong type are failures") {
  const PolicyNeeds needs = NeedsFor("shop", "cart", {"requestRate"});
  const Plan plan = PlanOf({&needs, 1});
  auto answers = AnswerAll(plan, {{"traffic", kCart.Traffic(10)}});
  answers[0].result->partial = {"store eu-1: unavailable"};
  CHECK(Deal(plan, answers)[0].readings.Find("requestRate").message ==
        "the answer is only a part: store eu-1: unavailable");
  answers[0].result->partial.clear();
  answers[0].result->type = ResultType::kScalar;
  CHECK(Deal(plan, answers)[0].readings.Find("requestRate").message ==
        "the answer is a scalar, not a vector");
}

TEST_CASE("own queries read as values, several series as ambiguous") {
  PolicyNeeds needs = NeedsFor("shop", "cart", {"depth", "jobs"});
  needs.metrics.queries = {{"depth", "q1"}, {"jobs", "q2"}};
  const Readings readings =
      DealOne(needs, {{"q1", {Row({}, 7)}}, {"q2", {Row({{"a", "1"}}, 1), Row({{"a", "2"}}, 2)}}});
  CHECK(readings.Find("depth").value == 7);
  CHECK(readings.Find("jobs").state == ReadingState::kAmbiguous);
}

TEST_CASE("an own signal may be called as a preset's topic is") {
  PolicyNeeds needs = NeedsFor("shop", "cart", {"traffic", "requestRate", "errorRate"});
  needs.metrics.queries = {{"traffic", "q"}};
  const Plan plan = PlanOf({&needs, 1});
  std::vector<Answer> answers =
      AnswerAll(plan, {{"q", {Row({}, 7)}}, {"traffic", kCart.Traffic(5)}});
  for (int order = 0; order < 2; ++order) {
    const Readings readings = Deal(plan, answers).front().readings;
    CHECK(readings.Find("traffic").value == 7);
    CHECK(readings.Find("requestRate").value == 5);
    std::ranges::reverse(answers);
  }
  for (Answer& answer : answers) {
    if (answer.query.preset == nullptr) answer.result = Error{ErrorKind::kInvalid, "422", {}};
  }
  const Readings readings = Deal(plan, answers).front().readings;
  CHECK(readings.Find("traffic").state == ReadingState::kFailed);
  CHECK(readings.Find("requestRate").value == 5);
}

TEST_CASE("an own quantile that is NaN while the service is known to be idle means no traffic") {
  PolicyNeeds needs = kLatencyNeeds;
  needs.metrics.queries = {{"latencyP99", "q"}};
  Rows rows = {{"q", {Row({}, std::nan(""))}}, {"traffic", kCart.Traffic(0)}};
  CHECK(DealOne(needs, rows).Find("latencyP99").state == ReadingState::kNoTraffic);
  rows["traffic"] = kCart.Traffic(5);
  CHECK(DealOne(needs, rows).Find("latencyP99").state == ReadingState::kNotANumber);
  rows.erase("traffic");
  CHECK(DealOne(needs, rows).Find("latencyP99").state == ReadingState::kNotANumber);
}

TEST_CASE("a look-back gives the numbers of a range, without those that are none") {
  PolicyNeeds needs = NeedsFor("shop", "cart", {});
  needs.needs = {{"requestRate", 10min}};
  const Plan plan = PlanOf({&needs, 1});
  ResultSeries row = kCart.Value(1);
  row.samples = {{kNow - 30s, 1}, {kNow - 15s, std::nan("")}, {kNow, 3}};
  auto answers = AnswerAll(plan, {{"requestRate", {row}}});
  CHECK(Deal(plan, answers)[0].series.at("requestRate") == Series{{kNow - 30s, 1}, {kNow, 3}});
  for (Answer& answer : answers) answer.result = Error{ErrorKind::kTimeout, "late"};
  CHECK(Deal(plan, answers)[0].series.empty());
}
