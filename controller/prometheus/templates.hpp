// The PromQL of a preset's signals, as few grouped queries (templates.cpp holds the texts).
//
// A topic is what one query asks: a signal, or kTraffic. The rows of an instant answer carry
// kPartLabel, which says what a row is: the value, the time of the newest sample (Unix seconds), or
// a number of samples; rows without it are values. Per-pod topics also carry the preset's pod
// label.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controller/prometheus/presets.hpp"
#include "controller/prometheus/promql.hpp"

namespace evenkeel {

// The request rate (by how the requests ended, where what counts them says so: then the error rate
// needs no query of its own), and the parts that judge every rate of requests of the same target.
inline constexpr std::string_view kTraffic = "traffic";

inline constexpr std::string_view kPartLabel = "evenkeel_part";
namespace part {
inline constexpr std::string_view kValue = "value";    // of traffic: ended nobody says how
inline constexpr std::string_view kPassed = "passed";  // traffic that did not fail,
inline constexpr std::string_view kFailed = "failed";  // and that did
inline constexpr std::string_view kTime = "time";      // of the newest sample
inline constexpr std::string_view kBefore = "before";  // samples in the half window before it
inline constexpr std::string_view kFirst = "first";    // samples in its first half
inline constexpr std::string_view kSecond = "second";  // samples in its second half
// Of a census:
inline constexpr std::string_view kTargets = "targets";  // that are there
inline constexpr std::string_view kBare = "bare";        // of them, without a heartbeat
}  // namespace part

// The instant topics whose answers make this signal, its own first; empty: not in the preset.
[[nodiscard]] std::vector<std::string_view> TopicsOf(const Preset& preset, std::string_view signal);
// Whether the topic's rows are per pod.
[[nodiscard]] bool IsPerPod(std::string_view topic);
// How many targets the source has: rows with kPartLabel kTargets and kBare.
inline constexpr std::string_view kCensus = "census";
// The metric whose absence leaves the signal without data: for messages.
[[nodiscard]] std::string MetricOf(const Preset& preset, std::string_view signal);

struct TemplateInput {
  const Preset& preset;
  std::chrono::seconds window;
  const Grouping& grouping;
  std::span<const std::vector<std::string>> targets;
  Filter filter = Filter::kNames;
  // Every target that counts requests has a heartbeat: the count need not stand in for it.
  bool heartbeat_only = false;
  double bound = 0;  // of badRatio: the latency objective, s
};

// `topic` is one of TopicsOf.
[[nodiscard]] std::string InstantPromql(std::string_view topic, const TemplateInput& input);
// The signal's value alone, one series per target (per-pod signals: the mean).
[[nodiscard]] std::string RangePromql(std::string_view signal, const TemplateInput& input);

}  // namespace evenkeel
