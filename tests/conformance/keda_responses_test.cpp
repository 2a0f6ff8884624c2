// What Prometheus can answer, as KEDA 2.21's prometheus scaler reads it and as we do. KEDA's column
// is its code in words (pkg/scalers/prometheus_scaler.go, ignoreNullValues at its default), as a
// function of the body; ours is the program's own.
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "controller/prometheus/judge.hpp"
#include "controller/prometheus/query.hpp"
#include "support/catch.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;

constexpr TimePoint kNow{std::chrono::seconds(1'700'000'000)};

// "error", or the number that KEDA gives to the HPA.
using KedaResult = std::variant<double, std::string>;

KedaResult KedaReadsValue(const json& series) {
  const auto value = series.find("value");
  if (value == series.end() || !value->is_array() || value->size() < 2) return 0.0;
  if (value->at(1).is_null()) return 0.0;  // -1, and a Quantity is not negative
  if (!value->at(1).is_string()) return "error";
  const double number = std::strtod(value->at(1).get_ref<const std::string&>().c_str(), nullptr);
  return std::isfinite(number) ? number : 0.0;
}

// Status and resultType are never looked at; a struct that does not fit fails to decode.
KedaResult KedaReads(int status, const std::string& body) {
  if (status < 200 || status > 299) return "error";
  const json parsed = json::parse(body, nullptr, false);
  if (!parsed.is_object()) return "error";
  const json data = parsed.value("data", json::object());
  const json result = data.is_object() ? data.value("result", json::array()) : json::array();
  if (!result.is_array()) return "error";
  for (const json& series : result) {
    if (!series.is_object()) return "error";
  }
  if (result.empty()) return 0.0;
  if (result.size() > 1) return "error";
  return KedaReadsValue(result.front());
}

Reading WeRead(int status, const std::string& body) {
  HttpResponse response;
  response.status = status;
  response.body = body;
  const Result<QueryResult> result = ParseQueryResponse(response);
  if (!result) return Reading::Unknown(ReadingState::kFailed, result.error().message);
  if (!result->partial.empty()) return Reading::Unknown(ReadingState::kFailed, "partial");
  return JudgeOwnQuery(*result, kNow);
}

std::string Success(const std::string& type, const std::string& result,
                    const std::string& more = "") {
  return R"({"status":"success","data":{"resultType":")" + type + R"(","result":)" + result + "}" +
         more + "}";
}

std::string Vector(const std::string& value, const std::string& more = "") {
  return Success("vector", R"([{"metric":{},"value":[1700000000,)" + value + "]}]", more);
}

struct Row {
  std::string what;
  int status;
  std::string body;
  KedaResult keda;
  ReadingState ours;
};

const std::vector<Row>& Rows() {
  static const std::string kTwo =
      R"([{"metric":{"a":"1"},"value":[1,"1"]},{"metric":{"a":"2"},"value":[1,"2"]}])";
  static const std::string kMatrix = R"([{"metric":{},"values":[[1,"7"],[2,"8"]]}])";
  static const std::string kNative = R"([{"metric":{},"histogram":[1,{"count":"3","sum":"1"}]}])";
  static const std::vector<Row> kRows = {
      {"a number", 200, Vector(R"("8.5")"), 8.5, ReadingState::kValue},
      {"an empty vector", 200, Success("vector", "[]"), 0.0, ReadingState::kNoData},
      {"an empty object", 200, "{}", 0.0, ReadingState::kFailed},
      {"an error with status 200", 200,
       R"({"status":"error","errorType":"execution","error":"query timed out"})", 0.0,
       ReadingState::kFailed},
      {"NaN", 200, Vector(R"("NaN")"), 0.0, ReadingState::kNotANumber},
      {"+Inf", 200, Vector(R"("+Inf")"), 0.0, ReadingState::kNotANumber},
      {"-Inf", 200, Vector(R"("-Inf")"), 0.0, ReadingState::kNotANumber},
      {"a matrix", 200, Success("matrix", kMatrix), 0.0, ReadingState::kFailed},
      {"a native histogram", 200, Success("vector", kNative), 0.0, ReadingState::kNotANumber},
      {"a scalar", 200, Success("scalar", R"([1700000000,"42"])"), "error", ReadingState::kValue},
      {"a string", 200, Success("string", R"([1700000000,"x"])"), "error", ReadingState::kFailed},
      {"two series", 200, Success("vector", kTwo), "error", ReadingState::kAmbiguous},
      {"a null", 200, Vector("null"), 0.0, ReadingState::kFailed},
      {"a part: a store did not answer", 200,
       Vector(R"("2")", R"(,"warnings":["store-3: connection refused"])"), 2.0,
       ReadingState::kFailed},
      {"a note on the query", 200,
       Vector(R"("2")", R"(,"infos":["PromQL info: metric might not be a counter"])"), 2.0,
       ReadingState::kValue},
      {"400, a syntax error", 400,
       R"({"status":"error","errorType":"bad_data","error":"1:5: parse error"})", "error",
       ReadingState::kFailed},
      {"503", 503, "upstream connect error", "error", ReadingState::kFailed},
      {"a login page with status 200", 200, "<html>please log in</html>", "error",
       ReadingState::kFailed},
      {"cut off", 200, Vector(R"("8.5")").substr(0, 60), "error", ReadingState::kFailed},
  };
  return kRows;
}

}  // namespace

TEST_CASE("keda: whatever Prometheus answers, what is no number reads as a state and never as 0") {
  for (const Row& row : Rows()) {
    CAPTURE(row.what);
    CHECK(KedaReads(row.status, row.body) == row.keda);
    const Reading ours = WeRead(row.status, row.body);
    CAPTURE(ours.message);
    CHECK(ours.state == row.ours);
    CHECK(ours.message.empty() == ours.HasValue());
  }
}

TEST_CASE("keda: the words of a syntax error reach the user") {
  CHECK_THAT(WeRead(400, R"({"status":"error","errorType":"bad_data","error":"1:5: parse error"})")
                 .message,
             Catch::Contains("bad_data: 1:5: parse error"));
}

// KEDA takes such an answer for what it says: 8 replicas became 2, 7.5 s after Prometheus was back.
TEST_CASE("keda: a rate after a gap, of an old sample or of no traffic has a state of its own") {
  const JudgeContext context{kNow, std::chrono::seconds(60), "x"};
  const double now = 1'700'000'000;
  const Parts covered{.value = 10, .time = now - 5, .before = 2, .first = 2, .second = 2};
  CHECK(JudgeRate(covered, context).HasValue());
  Parts gap = covered;
  gap.value = 2;
  gap.first = 0;
  CHECK(JudgeRate(gap, context).state == ReadingState::kUncovered);
  Parts restarted = covered;
  restarted.before = 0;
  CHECK(JudgeRate(restarted, context).state == ReadingState::kUncovered);
  Parts old = covered;
  old.time = now - 91;
  CHECK(JudgeRate(old, context).state == ReadingState::kStale);
  Parts idle = covered;
  idle.value = 0;
  CHECK(JudgeOfRequests(std::nan(""), idle, context).state == ReadingState::kNoTraffic);
  CHECK(JudgeOfRequests(std::nan(""), covered, context).state == ReadingState::kNotANumber);
}

}  // namespace evenkeel
