#include "controller/prometheus/query.hpp"

#include <cmath>

#include "tests/support/catch.hpp"

using namespace evenkeel;
using namespace std::chrono_literals;

namespace {

const TimePoint kTime{1'700'000'000'123ms};

Result<QueryResult> Parse(std::string body, int status = 200) {
  return ParseQueryResponse({status, {}, std::move(body)});
}

std::string Success(const std::string& type, const std::string& result) {
  return R"({"status":"success","data":{"resultType":")" + type + R"(","result":)" + result + "}}";
}

}  // namespace

TEST_CASE("an instant query is a form with one shared time and the server's own limit") {
  const HttpRequest request = InstantQuery(R"(sum(x{a="b&c"}))", kTime, 4s);
  CHECK(request.method == "POST");
  CHECK(request.target == "/api/v1/query");
  CHECK(request.headers.at("content-type") == "application/x-www-form-urlencoded");
  CHECK(request.body ==
        "query=sum%28x%7Ba%3D%22b%26c%22%7D%29&timeout=4000ms&time=1700000000.123&nocache=1");
  CHECK(request.deadline == 4s);
}

TEST_CASE("a range query has its bounds and its step in seconds") {
  const HttpRequest request = RangeQuery("x", kTime - 1h, kTime, 15s, 4s);
  CHECK(request.target == "/api/v1/query_range");
  CHECK(request.body ==
        "query=x&timeout=4000ms&start=1699996400.123&end=1700000000.123&step=15.000");
}

TEST_CASE("a vector has labels, times and values, also the special ones") {
  const auto result = Parse(Success("vector", R"([
      {"metric":{"pod":"a","__name__":"x"},"value":[1700000000.123,"1.5e-3"]},
      {"metric":{},"value":[1700000001,"NaN"]}, {"metric":{},"value":[1,"+Inf"]},
      {"metric":{},"value":[1,"-Inf"]},
      {"metric":{},"histogram":[1,{"count":"3","sum":"1","buckets":[]}]}])"));
  REQUIRE(result);
  CHECK(result->type == ResultType::kVector);
  REQUIRE(result->series.size() == 5);
  CHECK(result->series[0].Label("pod") == "a");
  CHECK(result->series[0].Label("node").empty());
  CHECK(result->series[0].samples == Series{{kTime, 0.0015}});
  CHECK(std::isnan(result->series[1].samples[0].value));
  CHECK(result->series[2].samples[0].value == HUGE_VAL);
  CHECK(result->series[3].samples[0].value == -HUGE_VAL);
  CHECK(result->series[4].native_histogram);
}

TEST_CASE(
    "a matrix has its samples in order, a scalar is one sample, an empty vector is a result") {
  const auto matrix = Parse(Success("matrix", R"([{"metric":{"a":"b"},"values":[[1,"1"],[2,"2"]]},
                            {"metric":{},"histograms":[[1,{"count":"1","sum":"1"}]]}])"));
  REQUIRE(matrix);
  CHECK(matrix->series[0].samples == Series{{TimePoint(1s), 1}, {TimePoint(2s), 2}});
  CHECK(matrix->series[1].native_histogram);

  const auto scalar = Parse(Success("scalar", R"([1,"42"])"));
  REQUIRE(scalar);
  CHECK(scalar->series[0].samples == Series{{TimePoint(1s), 42}});

  const auto empty = Parse(Success("vector", "[]"));
  REQUIRE(empty);
  CHECK(empty->series.empty());
}

TEST_CASE("a string result is told by its type") {
  const auto result = Parse(Success("string", R"([1,"x"])"));
  REQUIRE(result);
  CHECK(result->type == ResultType::kString);
  CHECK(result->series.empty());
}

TEST_CASE("warnings of a store mean a partial answer, notes on the query do not") {
  const auto result = Parse(
      R"({"status":"success","data":{"resultType":"vector","result":[]},
          "warnings":["PromQL warning: bucket label \"le\" is missing","remote read: refused"],
          "infos":["PromQL info: metric might not be a counter"]})");
  REQUIRE(result);
  CHECK(result->partial == std::vector<std::string>{"remote read: refused"});
  CHECK(result->notes.size() == 2);
}

TEST_CASE("an answer that VictoriaMetrics calls partial is") {
  const auto parse = [](const std::string& partial) {
    return Parse(R"({"status":"success","isPartial":)" + partial +
                 R"(,"data":{"resultType":"vector","result":[]}})");
  };
  CHECK(parse("true")->partial.size() == 1);
  CHECK(parse("false")->partial.empty());
}

TEST_CASE("each failed query has the kind that decides what to do, and Prometheus' own words") {
  struct Row {
    int status;
    std::string body;
    ErrorKind kind;
    std::string words;
  };
  const auto api = [](const std::string& type, const std::string& text) {
    return R"({"status":"error","errorType":")" + type + R"(","error":")" + text + "\"}";
  };
  const std::vector<Row> rows = {
      {400, api("bad_data", "1:5: parse error: unexpected end"), ErrorKind::kInvalid,
       "bad_data: 1:5: parse error: unexpected end"},
      {422, api("execution", "many-to-many matching not allowed"), ErrorKind::kInvalid,
       "many-to-many matching not allowed"},
      {422, api("execution", "expanding series: context deadline exceeded"), ErrorKind::kTimeout,
       "context deadline exceeded"},
      {422, api("execution", "query timed out in query execution"), ErrorKind::kTimeout,
       "query timed out"},
      {503, api("timeout", "query timed out"), ErrorKind::kTimeout, "timeout"},
      {503, api("unavailable", "TSDB not ready"), ErrorKind::kUnavailable, "TSDB not ready"},
      {500, api("internal", "mmap"), ErrorKind::kUnavailable, "mmap"},
      {503, "Service Unavailable", ErrorKind::kUnavailable, "503: Service Unavailable"},
      {404, "404 page not found\n", ErrorKind::kNotFound, "path prefix"},
      {401, "Unauthorized", ErrorKind::kUnauthorized, "401"},
      {403, "", ErrorKind::kForbidden, "403"},
      {429, "", ErrorKind::kThrottled, "429"},
      {302, "", ErrorKind::kMalformed, "redirects are not followed"},
      {200, "<html>sign in</html>", ErrorKind::kMalformed, "<html>sign in</html>"},
      {200, R"({"status":"success","data":{"resultType":"vector","resu)", ErrorKind::kMalformed,
       "cut off"},
      {200, api("execution", "odd"), ErrorKind::kMalformed, "odd"},
      {200, R"({"status":"success"})", ErrorKind::kMalformed, "no data"},
      {200, Success("vector", "{}"), ErrorKind::kMalformed, "not a list"},
      {200, Success("tensor", "[]"), ErrorKind::kMalformed, "no resultType"},
      {200, Success("scalar", R"([1,2])"), ErrorKind::kMalformed, "without a number"},
      {200, Success("vector", R"([{"metric":{},"value":[1,"1x"]}])"), ErrorKind::kMalformed, "1x"},
      {200, Success("vector", R"([{"metric":{},"value":[1,null]}])"), ErrorKind::kMalformed,
       "null"},
      {200, Success("vector", R"([{"metric":{"a":1},"value":[1,"1"]}])"), ErrorKind::kMalformed,
       "series"},
      {200, Success("vector", R"([{"metric":{},"value":[1e300,"1"]}])"), ErrorKind::kMalformed,
       "series"},
      {200, Success("vector", R"([{"metric":{}}])"), ErrorKind::kMalformed, "series"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.status, row.body);
    const auto result = Parse(row.body, row.status);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == row.kind);
    CHECK_THAT(result.error().message, Catch::Contains(row.words));
  }
}

TEST_CASE("a foreign answer cannot put control characters or broken UTF-8 into a message") {
  const auto result = Parse("\x1b[31m\xff\nline" + std::string(5000, 'x'), 502);
  REQUIRE_FALSE(result);
  const std::string& message = result.error().message;
  CHECK(message.size() < 400);
  CHECK(std::all_of(message.begin(), message.end(), [](char c) { return c >= ' ' && c <= '~'; }));
}

TEST_CASE("the server's wish for a pause is kept") {
  const auto result = ParseQueryResponse({429, {{"retry-after", "7"}}, ""});
  REQUIRE_FALSE(result);
  CHECK(result.error().retry_after == std::optional<std::chrono::milliseconds>(7s));
}
