// From numbers to readings: the table of states at the head of planner.hpp, as functions. Pure.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/prometheus/query.hpp"
#include "policies/reading.hpp"

namespace evenkeel {

// What an answer says of one target, or of one pod of it; an absent row is an absent value.
struct Parts {
  std::optional<double> value{};  // of traffic: all of it
  std::optional<double> time{};   // of the newest sample, Unix seconds
  double before = 0;              // samples in the half window before the window,
  double first = 0;               // in its first half,
  double second = 0;              // and in its second
  // Failed requests of the traffic; absent where no series says how requests ended.
  std::optional<double> failed{};

  bool operator==(const Parts&) const = default;
};
using PodParts = std::map<std::string, Parts, std::less<>>;

struct JudgeContext {
  TimePoint now;
  std::chrono::seconds window;
  std::string series;  // what was looked for: metric and matchers, for messages
};

// A sample this old no longer speaks for the present.
[[nodiscard]] std::chrono::milliseconds StaleAfter(std::chrono::seconds window);

// Whether scraping filled the window, so that a rate over it is not too low.
[[nodiscard]] bool IsCovered(const Parts& parts);

// A gauge of the whole target: inFlight.
[[nodiscard]] Reading JudgeGauge(const Parts& parts, const JudgeContext& context);
// The request rate, which may be 0.
[[nodiscard]] Reading JudgeRate(const Parts& traffic, const JudgeContext& context);
// A quantile or a ratio of requests, judged with the traffic it was made from.
[[nodiscard]] Reading JudgeOfRequests(std::optional<double> value, const Parts& traffic,
                                      const JudgeContext& context);
// A signal per pod. Pods that are stale, not a number or (if `rate`) uncovered are left out; with
// none left, the reading says why.
[[nodiscard]] Reading JudgePods(const PodParts& pods, bool rate, const JudgeContext& context);
// The answer to a policy's own PromQL.
[[nodiscard]] Reading JudgeOwnQuery(const QueryResult& result, TimePoint now);

}  // namespace evenkeel
