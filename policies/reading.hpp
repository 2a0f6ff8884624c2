// Reading: what is known of one signal of one target at one instant.
//
// Unknown is not zero. A reading is a value or one of seven named ways of not having one, from the
// parser of Prometheus' answer to the policy's status. Only kValue may move replicas up; scale-in
// needs every signal it rests on to be kValue or kNoTraffic; everything else holds.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evenkeel {

// The wall clock, in milliseconds: for samples, decisions, status and logs. Waiting uses the steady
// clock, in the shell only.
using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;

// Names of the signals that presets know. A policy's `queries` may add any other name.
namespace signal {
inline constexpr std::string_view kLatencyP99 = "latencyP99";                      // s
inline constexpr std::string_view kErrorRate = "errorRate";                        // 0..1
inline constexpr std::string_view kEventLoopLagP99 = "eventLoopLagP99";            // s
inline constexpr std::string_view kEventLoopUtilization = "eventLoopUtilization";  // 0..1
inline constexpr std::string_view kRequestRate = "requestRate";                    // 1/s
inline constexpr std::string_view kBadRatio = "badRatio";                          // 0..1
inline constexpr std::string_view kInFlight = "inFlight";                          // requests
}  // namespace signal

enum class ReadingState {
  kValue,
  kNoData,      // the query answered, and no series matched
  kNoTraffic,   // the request rate is 0, so a quantile or a ratio has no meaning
  kStale,       // the newest sample is older than the policy tolerates
  kUncovered,   // the range of a rate is not filled with samples: after a gap it reads too low
  kNotANumber,  // NaN or infinite where that has no meaning
  kAmbiguous,   // several series where one is expected
  kFailed,      // no answer, an error, or a deadline
};

struct PodValue {
  std::string pod;
  double value = 0;

  bool operator==(const PodValue&) const = default;
};

// Spread of a per-pod signal over the pods that report it. One bad pod is not overload.
struct PodSpread {
  int pods = 0;  // how many pods report
  double min = 0;
  double p25 = 0;
  double mean = 0;
  double max = 0;
  std::string max_pod{};           // which pod shows the maximum
  std::vector<PodValue> values{};  // of every pod that reports, by name in ascending order
  double interval = 0;             // s from one sample of a pod to its next; 0: not known

  bool operator==(const PodSpread&) const = default;
};

struct Reading {
  ReadingState state = ReadingState::kNoData;
  double value = 0;                 // only meaningful with kValue; for a per-pod signal the mean
  TimePoint sample_time{};          // of the newest sample, with kValue and kStale
  std::string message;              // why it is not a value, for people; empty with kValue
  bool at_least = false;            // the true value may be higher (P99 above the largest bucket)
  std::optional<PodSpread> pods{};  // for per-pod signals with kValue

  [[nodiscard]] bool HasValue() const { return state == ReadingState::kValue; }
  // May scale-in rest on this reading?
  [[nodiscard]] bool AllowsScaleIn() const {
    return state == ReadingState::kValue || state == ReadingState::kNoTraffic;
  }
  bool operator==(const Reading&) const = default;

  static Reading Value(double value, TimePoint sample_time) {
    return {ReadingState::kValue, value, sample_time, {}, false, {}};
  }
  static Reading Unknown(ReadingState state, std::string message) {
    return {state, 0, {}, std::move(message), false, {}};
  }
};

// Signal name → reading. An absent key reads as kNoData: use Find.
class Readings : public std::map<std::string, Reading, std::less<>> {
 public:
  using std::map<std::string, Reading, std::less<>>::map;
  [[nodiscard]] const Reading& Find(std::string_view name) const;
};

// "Value", "NoData", ...: as in the policy's status.
[[nodiscard]] std::string_view ToString(ReadingState state);

}  // namespace evenkeel
