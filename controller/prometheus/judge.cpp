#include "controller/prometheus/judge.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "controller/core/time_format.hpp"
#include "policies/pod_spread.hpp"

namespace evenkeel {
namespace {

using std::chrono::milliseconds;

TimePoint TimeOf(double unix_seconds) {
  return TimePoint(milliseconds(std::llround(unix_seconds * 1000)));
}

Reading NoData(const JudgeContext& context) {
  return Reading::Unknown(ReadingState::kNoData, "no series of " + context.series);
}

Reading NotANumber(std::string message) {
  return Reading::Unknown(ReadingState::kNotANumber, std::move(message));
}

Reading Stale(TimePoint newest, const JudgeContext& context) {
  Reading reading = Reading::Unknown(
      ReadingState::kStale,
      "newest sample is " +
          FormatDuration(std::chrono::floor<std::chrono::seconds>(context.now - newest)) +
          " old, tolerated are " + FormatDuration(StaleAfter(context.window)));
  reading.sample_time = newest;
  return reading;
}

Reading Uncovered(const JudgeContext& context) {
  return Reading::Unknown(ReadingState::kUncovered, "scrapes do not fill the window of " +
                                                        FormatDuration(context.window) +
                                                        ", so the rate would read too low");
}

// Why these numbers cannot be used, whatever their value is.
std::optional<Reading> Unusable(const Parts& parts, bool rate, const JudgeContext& context) {
  if (!parts.time || !std::isfinite(*parts.time)) return NoData(context);
  const TimePoint newest = TimeOf(*parts.time);
  if (context.now - newest > StaleAfter(context.window)) return Stale(newest, context);
  if (rate && !IsCovered(parts)) return Uncovered(context);
  return std::nullopt;
}

Reading ValueOrNot(std::optional<double> value, const Parts& parts, const JudgeContext& context) {
  if (!value) return NoData(context);
  if (!std::isfinite(*value)) return NotANumber(context.series + " is not a number");
  return Reading::Value(*value, TimeOf(*parts.time));
}

struct UsablePods {
  std::vector<PodValue> values;
  TimePoint newest{};
  double samples = 0;  // of all pods in the window
};

Reading Spread(UsablePods usable, std::chrono::seconds window) {
  const auto pods = static_cast<double>(usable.values.size());
  const double interval =
      usable.samples > 0 ? static_cast<double>(window.count()) * pods / usable.samples : 0;
  PodSpread spread = SpreadOver(std::move(usable.values), interval);
  Reading reading = Reading::Value(spread.mean, usable.newest);
  reading.pods = std::move(spread);
  return reading;
}

// The likeliest to become a value first: what to wait for.
int Promise(ReadingState state) {
  switch (state) {
    case ReadingState::kUncovered:
      return 3;
    case ReadingState::kNotANumber:
      return 2;
    case ReadingState::kStale:
      return 1;
    case ReadingState::kValue:
    case ReadingState::kNoData:
    case ReadingState::kNoTraffic:
    case ReadingState::kAmbiguous:
    case ReadingState::kFailed:
      break;
  }
  return 0;
}

Reading JudgePod(const Parts& parts, bool rate, const JudgeContext& context) {
  if (auto unusable = Unusable(parts, rate, context)) return *std::move(unusable);
  return ValueOrNot(parts.value, parts, context);
}

Reading JudgeOwnSample(const ResultSeries& series, TimePoint now) {
  if (series.native_histogram) {
    return NotANumber("the query answers with a native histogram; apply histogram_quantile");
  }
  const double value = series.samples.front().value;
  if (!std::isfinite(value)) return NotANumber("the query answers with NaN or infinity");
  return Reading::Value(value, now);
}

}  // namespace

milliseconds StaleAfter(std::chrono::seconds window) { return milliseconds(window) * 3 / 2; }

bool IsCovered(const Parts& parts) {
  const double most = std::max(parts.first, parts.second);
  const double least = std::min(parts.first, parts.second);
  // One scrape more or less fits into a half by phase alone; a quarter are single lost scrapes.
  return parts.before >= 1 && least >= 1 && most - least <= std::max(1.0, most / 4);
}

Reading JudgeGauge(const Parts& parts, const JudgeContext& context) {
  return JudgePod(parts, false, context);
}

Reading JudgeRate(const Parts& traffic, const JudgeContext& context) {
  return JudgePod(traffic, true, context);
}

Reading JudgeOfRequests(std::optional<double> value, const Parts& traffic,
                        const JudgeContext& context) {
  const Reading rate = JudgeRate(traffic, context);
  if (!rate.HasValue()) return rate;
  if (rate.value <= 0) return Reading::Unknown(ReadingState::kNoTraffic, "no requests");
  if (!value) return NoData(context);
  if (std::isfinite(*value)) return Reading::Value(*value, rate.sample_time);
  return NotANumber("there are requests, but " + context.series + " holds none of them");
}

Reading JudgePods(const PodParts& pods, bool rate, const JudgeContext& context) {
  UsablePods usable;
  Reading unknown = NoData(context);
  for (const auto& [pod, parts] : pods) {
    Reading reading = JudgePod(parts, rate, context);
    if (reading.HasValue()) {
      usable.values.push_back({pod, reading.value});
      usable.newest = std::max(usable.newest, reading.sample_time);
      usable.samples += parts.first + parts.second;
    } else if (Promise(reading.state) > Promise(unknown.state)) {
      unknown = std::move(reading);
    }
  }
  return usable.values.empty() ? unknown : Spread(std::move(usable), context.window);
}

Reading JudgeOwnQuery(const QueryResult& result, TimePoint now) {
  if (result.type != ResultType::kVector && result.type != ResultType::kScalar) {
    return Reading::Unknown(ReadingState::kFailed, "the query answers with a " +
                                                       std::string(ToString(result.type)) +
                                                       "; it must be one number");
  }
  if (result.series.empty()) {
    return Reading::Unknown(ReadingState::kNoData, "the query answers with no series");
  }
  if (result.series.size() > 1) {
    return Reading::Unknown(ReadingState::kAmbiguous,
                            "the query answers with " + std::to_string(result.series.size()) +
                                " series; it must be one (aggregate with sum or max)");
  }
  return JudgeOwnSample(result.series.front(), now);
}

}  // namespace evenkeel
