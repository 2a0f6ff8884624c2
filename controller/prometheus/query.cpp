#include "controller/prometheus/query.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace evenkeel {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr std::size_t kMaxQuotedText = 300;  // of an answer that is not Prometheus'

std::string Seconds(milliseconds time) {
  std::string fraction = std::to_string(1000 + time.count() % 1000).substr(1);
  return std::to_string(time.count() / 1000) + "." + fraction;
}

HttpRequest FormPost(std::string target, std::string body, milliseconds timeout) {
  HttpRequest request;
  request.method = "POST";
  request.target = std::move(target);
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"}};
  request.body = std::move(body);
  request.deadline = timeout;
  request.idempotent = true;  // a query changes nothing
  return request;
}

std::string Form(std::string_view promql, milliseconds timeout) {
  return "query=" + PercentEncode(promql) + "&timeout=" + std::to_string(timeout.count()) + "ms";
}

Error Malformed(std::string what) {
  return {ErrorKind::kMalformed, "Prometheus' answer is not understood: " + std::move(what), {}};
}

std::string Text(const json& object, std::string_view key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

// Printable ASCII only: the text goes to logs and to the API server, wherever it came from.
std::string OneLine(std::string_view text) {
  std::string line(text.substr(0, kMaxQuotedText));
  for (char& c : line) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
    if (c < ' ' || c > '~') c = '?';
  }
  return line;
}

// --- errors ---

bool RanOutOfTime(std::string_view type, std::string_view text) {
  return type == "timeout" || text.find("context deadline exceeded") != std::string_view::npos ||
         text.find("query timed out") != std::string_view::npos;
}

ErrorKind KindOf(int status) {
  switch (status) {
    case 401:
      return ErrorKind::kUnauthorized;
    case 403:
      return ErrorKind::kForbidden;
    case 404:
      return ErrorKind::kNotFound;
    case 429:
      return ErrorKind::kThrottled;
    default:
      break;
  }
  if (status >= 500) return ErrorKind::kUnavailable;
  return status >= 400 ? ErrorKind::kInvalid : ErrorKind::kMalformed;
}

// Seconds only: the form with a date is not worth a clock here.
std::optional<milliseconds> RetryAfter(const HttpResponse& response) {
  const auto header = response.headers.find("Retry-After");
  if (header == response.headers.end()) return std::nullopt;
  int seconds = 0;
  const std::string& text = header->second;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (fault != std::errc{} || end != text.data() + text.size() || seconds < 0) return std::nullopt;
  return std::chrono::seconds(seconds);
}

// An answer in Prometheus' own form: {"status": "error", "errorType": ..., "error": ...}.
Error ApiError(const HttpResponse& response, const json& body) {
  const std::string type = Text(body, "errorType");
  const std::string text = Text(body, "error");
  const ErrorKind kind = RanOutOfTime(type, text) ? ErrorKind::kTimeout : KindOf(response.status);
  return {kind, "Prometheus: " + (type.empty() ? "" : type + ": ") + OneLine(text),
          RetryAfter(response)};
}

// Not from the API of Prometheus: a proxy, a wrong path, a login page.
Error ForeignError(const HttpResponse& response) {
  std::string message = "HTTP status " + std::to_string(response.status);
  if (response.status == 404) {
    message += ": no Prometheus API at this address; check the URL and its path prefix";
  } else if (response.status / 100 == 3) {
    const auto location = response.headers.find("Location");
    message += ": redirects are not followed";
    if (location != response.headers.end()) message += " (to " + OneLine(location->second) + ")";
  }
  if (!response.body.empty()) message += ": " + OneLine(response.body);
  return {KindOf(response.status), message, RetryAfter(response)};
}

// --- results ---

std::optional<double> Number(const json& value) {
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "+Inf" || text == "Inf") return std::numeric_limits<double>::infinity();
  if (text == "-Inf") return -std::numeric_limits<double>::infinity();
  double number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<TimePoint> Time(const json& value) {
  constexpr double kYear10000 = 253'402'300'800.0;
  if (!value.is_number()) return std::nullopt;
  const auto seconds = value.get<double>();
  if (!(std::abs(seconds) < kYear10000)) return std::nullopt;
  return TimePoint(milliseconds(std::llround(seconds * 1000)));
}

bool IsPair(const json& value) { return value.is_array() && value.size() == 2; }

std::optional<Sample> ParseSample(const json& pair, bool native_histogram) {
  if (!IsPair(pair)) return std::nullopt;
  const auto time = Time(pair[0]);
  const auto value = native_histogram ? std::numeric_limits<double>::quiet_NaN() : Number(pair[1]);
  if (!time || !value) return std::nullopt;
  return Sample{*time, *value};
}

bool AddSample(const json& pair, bool native_histogram, Series& samples) {
  const auto sample = ParseSample(pair, native_histogram);
  if (sample) samples.push_back(*sample);
  return sample.has_value();
}

bool AddSamples(const json& pairs, bool native_histogram, Series& samples) {
  if (!pairs.is_array()) return false;
  return std::all_of(pairs.begin(), pairs.end(),
                     [&](const json& pair) { return AddSample(pair, native_histogram, samples); });
}

bool AddLabels(const json& series, ResultSeries& parsed) {
  const auto metric = series.find("metric");
  if (metric == series.end() || !metric->is_object()) return false;
  for (const auto& [name, value] : metric->items()) {
    if (!value.is_string()) return false;
    parsed.labels.emplace(name, value.get<std::string>());
  }
  return true;
}

// {"metric": {...}, "value": [t, "v"]} of a vector, {"metric": {...}, "values": [...]} of a matrix;
// `histogram` or `histograms` for native ones.
std::optional<ResultSeries> ParseSeries(const json& series, ResultType type) {
  ResultSeries parsed;
  if (!series.is_object() || !AddLabels(series, parsed)) return std::nullopt;
  const bool matrix = type == ResultType::kMatrix;
  const auto floats = series.find(matrix ? "values" : "value");
  const auto histograms = series.find(matrix ? "histograms" : "histogram");
  if (floats == series.end() && histograms == series.end()) return std::nullopt;
  parsed.native_histogram = floats == series.end();
  const json& samples = parsed.native_histogram ? *histograms : *floats;
  const bool read = matrix ? AddSamples(samples, parsed.native_histogram, parsed.samples)
                           : AddSample(samples, parsed.native_histogram, parsed.samples);
  if (!read) return std::nullopt;
  return parsed;
}

std::optional<ResultType> ParseType(std::string_view name) {
  for (const ResultType type :
       {ResultType::kVector, ResultType::kMatrix, ResultType::kScalar, ResultType::kString}) {
    if (name == ToString(type)) return type;
  }
  return std::nullopt;
}

// scalar: [t, "1"]; string: [t, "text"], of which nothing is kept.
Result<QueryResult> ParseSingle(const json& pair, QueryResult result) {
  if (result.type == ResultType::kString) return result;
  const auto sample = ParseSample(pair, false);
  if (!sample) return Malformed("a scalar without a number");
  result.series.push_back({.samples = {*sample}});
  return result;
}

Result<QueryResult> ParseData(const json& data, QueryResult result) {
  const auto type = ParseType(Text(data, "resultType"));
  const auto found = data.find("result");
  if (!type || found == data.end()) return Malformed("no resultType or no result");
  result.type = *type;
  if (*type == ResultType::kScalar || *type == ResultType::kString) {
    return ParseSingle(*found, std::move(result));
  }
  if (!found->is_array()) return Malformed("the result is not a list");
  result.series.reserve(found->size());
  for (const json& series : *found) {
    auto parsed = ParseSeries(series, *type);
    if (!parsed) return Malformed("series: " + OneLine(series.dump()));
    result.series.push_back(*std::move(parsed));
  }
  return result;
}

void AddNotes(const json& body, QueryResult& result) {
  for (const std::string_view key : {"warnings", "infos"}) {
    const auto list = body.find(key);
    if (list == body.end() || !list->is_array()) continue;
    for (const json& note : *list) {
      if (!note.is_string()) continue;
      auto text = note.get<std::string>();
      const bool of_query = key == "infos" || text.starts_with("PromQL ");
      (of_query ? result.notes : result.partial).push_back(std::move(text));
    }
  }
  // VictoriaMetrics' cluster says so when a storage node is away, and gives no warning.
  const auto partial = body.find("isPartial");
  if (partial != body.end() && partial->is_boolean() && partial->get<bool>()) {
    result.partial.emplace_back("isPartial: not every storage node has answered");
  }
}

}  // namespace

HttpRequest InstantQuery(std::string_view promql, TimePoint time, milliseconds timeout) {
  // nocache=1: VictoriaMetrics otherwise answers as of 30 s ago; Prometheus ignores it.
  return FormPost(
      "/api/v1/query",
      Form(promql, timeout) + "&time=" + Seconds(time.time_since_epoch()) + "&nocache=1", timeout);
}

HttpRequest RangeQuery(std::string_view promql, TimePoint start, TimePoint end, milliseconds step,
                       milliseconds timeout) {
  return FormPost("/api/v1/query_range",
                  Form(promql, timeout) + "&start=" + Seconds(start.time_since_epoch()) +
                      "&end=" + Seconds(end.time_since_epoch()) + "&step=" + Seconds(step),
                  timeout);
}

std::string_view ResultSeries::Label(std::string_view name) const {
  const auto found = labels.find(name);
  return found == labels.end() ? std::string_view{} : std::string_view(found->second);
}

std::string_view ToString(ResultType type) {
  switch (type) {
    case ResultType::kVector:
      return "vector";
    case ResultType::kMatrix:
      return "matrix";
    case ResultType::kScalar:
      return "scalar";
    case ResultType::kString:
      return "string";
  }
  return "";
}

Result<QueryResult> ParseQueryResponse(const HttpResponse& response) {
  const json body = json::parse(response.body, nullptr, false);
  if (!body.is_object() || !body.contains("status")) {
    if (response.status / 100 != 2) return ForeignError(response);
    return Malformed("not JSON, or cut off: " + OneLine(response.body));
  }
  if (response.status / 100 != 2 || Text(body, "status") != "success") {
    return ApiError(response, body);
  }
  const auto data = body.find("data");
  if (data == body.end() || !data->is_object()) return Malformed("no data");
  QueryResult result;
  AddNotes(body, result);
  return ParseData(*data, std::move(result));
}

}  // namespace evenkeel
