// Prometheus' HTTP API as values: requests to send, answers to read.
//
// Queries go by POST with a form body (a GET breaks at about 1 MB of headers), all queries of a
// round at one `time`, so that the signals of a decision belong to one instant. Parsing is total:
// every answer becomes a QueryResult or an Error that carries Prometheus' own words.
//
// ErrorKind of a failed query:
//   kInvalid      400 bad_data, 422 execution: the query is at fault, the server is well
//   kTimeout      422 or 503 for a query that ran out of time; no answer before our deadline
//   kThrottled    429; kUnauthorized 401; kForbidden 403
//   kNotFound     404: this base URL has no Prometheus API (a wrong path prefix, mostly)
//   kUnavailable  other 5xx, no connection
//   kMalformed    not JSON, cut off, not of the documented form, or a redirect
// and whatever the transport says (kTls, kTooLarge, kCancelled).
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controller/core/http.hpp"
#include "policies/policy.hpp"
#include "policies/result.hpp"

namespace evenkeel {

// POST /api/v1/query. `timeout` is the server's own limit for the evaluation; it should not be
// longer than the request's deadline, so that a query nobody waits for ends.
[[nodiscard]] HttpRequest InstantQuery(std::string_view promql, TimePoint time,
                                       std::chrono::milliseconds timeout);

// POST /api/v1/query_range over [start, end]. Prometheus refuses more than 11,000 points.
[[nodiscard]] HttpRequest RangeQuery(std::string_view promql, TimePoint start, TimePoint end,
                                     std::chrono::milliseconds step,
                                     std::chrono::milliseconds timeout);

enum class ResultType { kVector, kMatrix, kScalar, kString };

struct ResultSeries {
  std::map<std::string, std::string, std::less<>> labels{};
  // One sample of a vector or scalar, any number of a matrix, oldest first; NaN and infinities as
  // they came. A native histogram has no single number and is NaN.
  Series samples{};
  bool native_histogram = false;

  [[nodiscard]] std::string_view Label(std::string_view name) const;  // "" if absent
};

struct QueryResult {
  ResultType type = ResultType::kVector;
  std::vector<ResultSeries> series{};
  // Why the answer may be incomplete: a store did not answer (remote read, Thanos, Mimir). PromQL's
  // own warnings and `infos` are notes on the query, not on the data, and go to `notes`.
  std::vector<std::string> partial{};
  std::vector<std::string> notes{};
};

// "vector", "matrix", "scalar", "string".
[[nodiscard]] std::string_view ToString(ResultType type);

[[nodiscard]] Result<QueryResult> ParseQueryResponse(const HttpResponse& response);

}  // namespace evenkeel
