#include "controller/prometheus/judge.hpp"

#include <cmath>

#include "tests/support/catch.hpp"

using namespace evenkeel;
using namespace std::chrono_literals;

namespace {

const TimePoint kNow{1'000'000s};
const JudgeContext kContext{kNow, 60s, "requests{service=\"x\"}"};
const double kNaN = std::nan("");

// Scraped every 5 s, the last time 2 s ago.
Parts Healthy(std::optional<double> value) { return {value, 999'998.0, 6, 6, 6}; }

Parts With(Parts parts, double before, double first, double second) {
  parts.before = before;
  parts.first = first;
  parts.second = second;
  return parts;
}

Parts Aged(Parts parts, std::chrono::seconds age) {
  parts.time = 1'000'000.0 - static_cast<double>(age.count());
  return parts;
}

QueryResult Answer(ResultType type, std::vector<double> values) {
  QueryResult result;
  result.type = type;
  for (const double value : values) result.series.push_back({.samples = {{kNow, value}}});
  return result;
}

}  // namespace

TEST_CASE("a window is covered when both its halves and the half before it were scraped") {
  struct Row {
    std::string what;
    double before, first, second;
    bool covered;
  };
  const std::vector<Row> rows = {
      {"every 5 s", 6, 6, 6, true},
      {"every 30 s, the fewest that a rate needs", 1, 1, 1, true},
      {"every 20 s: one or two by phase", 1, 2, 1, true},
      {"every second, a few lost", 30, 26, 30, true},
      {"begun within the window: Prometheus restarted empty", 0, 3, 6, false},
      {"begun as the window began: the first rate is still too low", 0, 6, 6, false},
      {"resumed in the second half after a gap", 6, 0, 4, false},
      {"resumed in the first half after a gap", 3, 2, 6, false},
      {"stopped in the second half", 6, 6, 2, false},
      {"stopped before the second half", 6, 6, 0, false},
      {"never scraped", 0, 0, 0, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(IsCovered(With({}, row.before, row.first, row.second)) == row.covered);
  }
}

TEST_CASE("a rate or a ratio reads as the first state that its evidence shows") {
  using State = ReadingState;
  struct Row {
    std::string what;
    std::optional<double> value;
    Parts traffic;
    State of_requests, rate;
  };
  const std::vector<Row> rows = {
      {"healthy", 0.25, Healthy(10), State::kValue, State::kValue},
      {"no requests: NaN", kNaN, Healthy(0), State::kNoTraffic, State::kValue},
      {"no requests: absent", std::nullopt, Healthy(0), State::kNoTraffic, State::kValue},
      {"nothing at all", std::nullopt, {}, State::kNoData, State::kNoData},
      {"scraped, but never a request", std::nullopt, Healthy(std::nullopt), State::kNoData,
       State::kNoData},
      {"requests, but no histogram", std::nullopt, Healthy(10), State::kNoData, State::kValue},
      {"requests, none of them in the histogram", kNaN, Healthy(10), State::kNotANumber,
       State::kValue},
      {"infinite", HUGE_VAL, Healthy(10), State::kNotANumber, State::kValue},
      {"the rate itself is NaN", 0.25, Healthy(kNaN), State::kNotANumber, State::kNotANumber},
      {"old", 0.25, Aged(Healthy(10), 91s), State::kStale, State::kStale},
      {"as old as tolerated", 0.25, Aged(Healthy(10), 90s), State::kValue, State::kValue},
      {"half empty", 0.25, With(Healthy(10), 0, 1, 6), State::kUncovered, State::kUncovered},
      {"half empty and no requests: not known to be idle", kNaN, With(Healthy(0), 0, 1, 6),
       State::kUncovered, State::kUncovered},
      {"sampled in the future: clocks differ", 0.25, Aged(Healthy(10), -5s), State::kValue,
       State::kValue},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Reading of_requests = JudgeOfRequests(row.value, row.traffic, kContext);
    const Reading rate = JudgeRate(row.traffic, kContext);
    CHECK(of_requests.state == row.of_requests);
    CHECK(rate.state == row.rate);
    CHECK(of_requests.message.empty() == of_requests.HasValue());
    CHECK(rate.message.empty() == rate.HasValue());
  }
}

TEST_CASE("a value carries the time of its sample, not of the query") {
  const Reading reading = JudgeOfRequests(0.25, Aged(Healthy(10), 40s), kContext);
  CHECK(reading.sample_time == kNow - 40s);
  CHECK(JudgeRate(Aged(Healthy(10), 100s), kContext).sample_time == kNow - 100s);
}

TEST_CASE("messages say what was looked for and how old is too old") {
  CHECK(JudgeRate({}, kContext).message == "no series of requests{service=\"x\"}");
  CHECK(JudgeRate(Aged(Healthy(1), 100s), kContext).message ==
        "newest sample is 1m40s old, tolerated are 1m30s");
}

TEST_CASE("a gauge needs no covered window") {
  CHECK(JudgeGauge(With(Healthy(3), 0, 0, 1), kContext).HasValue());
  CHECK(JudgeGauge(Aged(Healthy(3), 91s), kContext).state == ReadingState::kStale);
}

TEST_CASE("a per-pod signal is the mean over the pods that can be used, with its spread") {
  const PodParts pods = {{"a", Healthy(0.1)},
                         {"b", Healthy(0.2)},
                         {"c", Healthy(0.9)},
                         {"nan", Healthy(kNaN)},
                         {"old", Aged(Healthy(1.0), 100s)},
                         {"young", With(Healthy(0.01), 0, 0, 2)}};
  const Reading reading = JudgePods(pods, true, kContext);
  REQUIRE(reading.HasValue());
  CHECK(reading.value == Approx(0.4));
  REQUIRE(reading.pods);
  CHECK(reading.pods->pods == 3);
  CHECK(reading.pods->min == 0.1);
  CHECK(reading.pods->p25 == Approx(0.15));
  CHECK(reading.pods->mean == Approx(0.4));
  CHECK(reading.pods->max == 0.9);
  CHECK(reading.pods->max_pod == "c");
  CHECK(reading.pods->values == std::vector<PodValue>{{"a", 0.1}, {"b", 0.2}, {"c", 0.9}});
  CHECK(reading.pods->interval == Approx(5));
  CHECK(JudgePods(pods, false, kContext).pods->pods == 4);  // a gauge of a young pod is no rate
}

TEST_CASE("without a usable pod the reading names the state nearest to a value") {
  const Parts young = With(Healthy(0.1), 0, 0, 2);
  const Parts old = Aged(Healthy(0.1), 100s);
  CHECK(JudgePods({}, true, kContext).state == ReadingState::kNoData);
  CHECK(JudgePods({{"a", old}, {"b", young}}, true, kContext).state == ReadingState::kUncovered);
  CHECK(JudgePods({{"a", old}, {"b", Healthy(kNaN)}}, true, kContext).state ==
        ReadingState::kNotANumber);
  CHECK(JudgePods({{"a", old}}, true, kContext).state == ReadingState::kStale);
}

TEST_CASE("a policy's own query must answer with one finite number") {
  using State = ReadingState;
  struct Row {
    QueryResult result;
    State state;
    std::string words;
  };
  QueryResult native = Answer(ResultType::kVector, {kNaN});
  native.series.front().native_histogram = true;
  const std::vector<Row> rows = {
      {Answer(ResultType::kVector, {7}), State::kValue, ""},
      {Answer(ResultType::kScalar, {7}), State::kValue, ""},
      {Answer(ResultType::kVector, {0}), State::kValue, ""},
      {Answer(ResultType::kVector, {}), State::kNoData, "no series"},
      {Answer(ResultType::kVector, {1, 2}), State::kAmbiguous, "2 series"},
      {Answer(ResultType::kVector, {kNaN}), State::kNotANumber, "NaN"},
      {Answer(ResultType::kVector, {-HUGE_VAL}), State::kNotANumber, "infinity"},
      {native, State::kNotANumber, "histogram_quantile"},
      {Answer(ResultType::kMatrix, {1}), State::kFailed, "matrix"},
      {Answer(ResultType::kString, {}), State::kFailed, "string"},
  };
  for (const Row& row : rows) {
    CAPTURE(ToString(row.result.type), row.words);
    const Reading reading = JudgeOwnQuery(row.result, kNow);
    CHECK(reading.state == row.state);
    CHECK_THAT(reading.message, Catch::Contains(row.words));
  }
}
