#include "controller/prometheus/templates.hpp"

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controller/prometheus/preset_series.hpp"
#include "policies/reading.hpp"

namespace evenkeel {
namespace {

// $BY: labels of the grouping. $W: the window, $H: half of it. <<v>>: v with the label of its
// target, where that is made from another label; with <sVs>, <lVl> and <cVc> V is first
// summed, summed by bucket, or counted by pod, so that fewer series get it. The other words are
// joined from the preset's metrics (WordsFor). <tVt> is <sVs> that keeps the labels of the status.
constexpr std::string_view kRate = "sum by ($BY) (<s$RATEs>)";
// By how the requests ended: each label_replace of $TAGS overrides those before it.
constexpr std::string_view kJudgedRate =
    "sum by ($BY, $PART) ($REPLACEsum by ($BY, $STATUS) (<t$RATEt>)$TAGS)";
constexpr std::string_view kLatency =
    "histogram_quantile(0.99, sum by ($BY, le) (<l$BUCKETSl>))$UNIT";
constexpr std::string_view kNativeLatency =
    " or histogram_quantile(0.99, sum by ($BY) (<<$NATIVE>>))$UNIT";
// 0 without failures, absent without traffic, and absent where no series says how requests ended.
constexpr std::string_view kErrors =
    "(sum by ($BY) (<s$FAILEDs>) or 0 * count by ($BY) (<c$JUDGEDc>))"
    " / (sum by ($BY) (<s$RATEs>) > 0)";
// The share of requests slower than the objective; absent where no bucket ends there.
constexpr std::string_view kBad =
    "clamp_min(1 - sum by ($BY) (<s$WITHINs>) / (sum by ($BY) (<s$TIMEDs>) > 0), 0)";
constexpr std::string_view kNativeBad =
    " or 1 - histogram_fraction(0, $BOUND, sum by ($BY) (<<$NATIVE>>))";
constexpr std::string_view kInFlight = "sum by ($BY) (<<$IN_FLIGHT>>)";

constexpr std::string_view kLag = "clamp_min($AGG by ($BY$POD) (<<$LAG>>) - $FLOOR, 0)";
// Over the last two scrapes and not the whole window: demand must be seen when it comes
// (control.md § 2.2), and ELU is an average over time by itself.
constexpr std::string_view kElu = "clamp_max($AGG by ($BY$POD) (<<$ELU>>), 1)";

constexpr std::string_view kNewest = "max by ($BY$POD) (<<timestamp($SERIES)>>)";
constexpr std::string_view kBefore =
    "max by ($BY$POD) (<<count_over_time($SERIES[$H] offset $W)>>)";
constexpr std::string_view kFirst = "max by ($BY$POD) (<<count_over_time($SERIES[$H] offset $H)>>)";
constexpr std::string_view kSecond = "max by ($BY$POD) (<<count_over_time($SERIES[$H])>>)";

constexpr std::string_view kTargetsOf = "count by ($BY) (<<$SERIES>>)";

using Words = std::map<std::string, std::string, std::less<>>;

bool IsWordLetter(char c) { return (c >= 'A' && c <= 'Z') || c == '_'; }

// The word after the `$` at `begin`: the longest that is known.
Words::const_iterator FindWord(std::string_view text, std::size_t begin, const Words& words) {
  std::size_t end = begin + 1;
  while (end < text.size() && IsWordLetter(text[end])) ++end;
  for (; end > begin + 1; --end) {
    const auto word = words.find(text.substr(begin, end - begin));
    if (word != words.end()) return word;
  }
  return words.end();
}

bool IsBracket(std::string_view pair) {
  return pair.size() == 2 && (pair.front() == '<' || pair.back() == '>');
}

// One pass: what is put in is never looked at again, so no value can act as a placeholder.
std::string Fill(std::string_view text, const Words& words) {
  std::string filled;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view pair = text.substr(i, 2);
    const auto word = IsBracket(pair) ? words.find(pair) : FindWord(text, i, words);
    if (word == words.end()) {
      filled += text[i++];
      continue;
    }
    filled += word->second;
    i += word->first.size();
  }
  return filled;
}

std::string Joined(const std::vector<std::string>& items, std::string_view separator) {
  std::string joined;
  for (const std::string& item : items) {
    if (!joined.empty()) joined += separator;
    joined += item;
  }
  return joined;
}

std::string Repeated(std::string_view text, std::size_t times) {
  std::string repeated;
  for (std::size_t i = 0; i < times; ++i) repeated += text;
  return repeated;
}

// The rows of the status labels, told apart by kPartLabel.
void AddTags(const StatusCounter& status, Words& words) {
  std::string tags;
  const auto tag = [&](std::string_view name, const std::string& label, const std::string& regex) {
    tags += ", " + Quote(kPartLabel) + ", " + Quote(name) + ", " + Quote(label) + ", " +
            Quote(regex) + ")";
  };
  tag(part::kValue, "", "");
  for (const std::string& label : status.labels) tag(part::kPassed, label, ".+");
  for (const std::string& label : status.labels) tag(part::kFailed, label, status.failed);
  words["$REPLACE"] = Repeated("label_replace(", 2 * status.labels.size() + 1);
  words["$TAGS"] = tags;
  words["$STATUS"] = Joined(status.labels, ", ");
  words["$PART"] = kPartLabel;
}

// Fewer series are labelled when those of a pod are aggregated first.
void AddBrackets(const TemplateInput& input, Words& words) {
  const auto [before, after] = TargetLabelling(input.grouping, input.targets);
  words["<<"] = before;
  words[">>"] = after;
  std::string by;
  for (const std::string& label : input.grouping.labels) {
    by += (label == kTargetLabel ? input.grouping.pod_label : label) + ", ";
  }
  by.resize(by.size() - 2);
  const bool pods = input.grouping.pod_names != PodNames::kNone;
  const auto add = [&](const std::string& letter, const std::string& aggregation) {
    words["<" + letter] = before + (pods ? aggregation + " (" : "");
    words[letter + ">"] = (pods ? ")" : "") + after;
  };
  add("s", "sum by (" + by + ")");
  add("l", "sum by (" + by + ", le)");
  add("c", "count by (" + by + ")");
  add("t",
      "sum by (" + Joined({by, Joined(input.preset.requests.status.labels, ", ")}, ", ") + ")");
}

Words WordsFor(const TemplateInput& input, const PresetSeries& series) {
  const RequestMetrics& requests = input.preset.requests;
  const auto any = [](const std::vector<std::string>& spellings) {
    return Joined(spellings, " or ");
  };
  const double unit = requests.seconds_per_unit;
  Words words = {
      {"$BY", Joined(input.grouping.labels, ", ")},
      {"$W", PromDuration(input.window)},
      {"$H", PromDuration(std::chrono::milliseconds(input.window) / 2)},
      {"$RATE", any(series.Requests())},
      {"$TIMED", any(series.Timed())},
      {"$BUCKETS", any(series.Buckets())},
      {"$WITHIN", any(series.Within())},
      {"$NATIVE", any(series.Native())},
      {"$BOUND", Decimal(series.Bound())},
      {"$UNIT", unit == 1 ? "" : " * " + Decimal(unit)},
      {"$FAILED", any(series.Failed())},
      {"$JUDGED", any(series.Judged())},
      {"$IN_FLIGHT", any(series.InFlight())},
      {"$LAG", any(series.Lag())},
      {"$FLOOR", Decimal(input.preset.runtime.lag_resolution)},
      {"$ELU", any(series.Utilization())},
      {"$POD", ""},
      {"$AGG", "avg"},
  };
  AddBrackets(input, words);
  AddTags(requests.status, words);
  return words;
}

// Whether what counts the requests says by itself how they ended.
bool IsJudgedTraffic(const Preset& preset) {
  const RequestMetrics& requests = preset.requests;
  return !requests.status.labels.empty() && requests.status.metrics.empty() &&
         requests.failures.empty();
}

std::string ValueTemplate(std::string_view topic, const Preset& preset) {
  const bool native = preset.requests.native;
  const auto also = [&](std::string_view text) { return native ? std::string(text) : ""; };
  if (topic == signal::kLatencyP99) return std::string(kLatency) + also(kNativeLatency);
  if (topic == signal::kBadRatio) return std::string(kBad) + also(kNativeBad);
  if (topic == signal::kErrorRate) return std::string(kErrors);
  if (topic == signal::kEventLoopLagP99) return std::string(kLag);
  if (topic == signal::kEventLoopUtilization) return std::string(kElu);
  if (topic == signal::kInFlight) return std::string(kInFlight);
  if (topic == kTraffic && IsJudgedTraffic(preset)) return std::string(kJudgedRate);
  return std::string(kRate);
}

std::string Labelled(const std::string& promql, std::string_view name) {
  return "label_replace(" + promql + ", " + Quote(kPartLabel) + ", " + Quote(name) +
         ", \"\", \"\")";
}

std::string ScrapePart(std::string_view text, const std::vector<std::string>& series, Words words) {
  std::vector<std::string> alternatives;
  for (const std::string& one : series) {
    words["$SERIES"] = one;
    alternatives.push_back(Fill(text, words));
  }
  return Joined(alternatives, " or ");
}

bool IsRate(std::string_view topic) {
  return topic == kTraffic || topic == signal::kEventLoopUtilization;
}

// Quantiles and ratios of requests rest on the traffic's parts; everything else brings its own.
bool HasParts(std::string_view topic) {
  return topic != signal::kLatencyP99 && topic != signal::kErrorRate && topic != signal::kBadRatio;
}

std::string CensusPromql(const PresetSeries& series, const Words& words, bool heartbeat) {
  const std::string bare = ScrapePart(kTargetsOf, series.Counters(), words);
  const std::string beating = ScrapePart(kTargetsOf, series.Scrapes(kTraffic), words);
  const std::string without = heartbeat ? "(" + bare + ") unless (" + beating + ")" : bare;
  return Labelled("count((" + beating + ") or (" + bare + "))", part::kTargets) + " or " +
         Labelled("count(" + without + ")", part::kBare);
}

}  // namespace

std::vector<std::string_view> TopicsOf(const Preset& preset, std::string_view signal) {
  if (MetricOf(preset, signal).empty()) return {};
  if (signal == signal::kLatencyP99) return {signal::kLatencyP99, kTraffic};
  if (signal == signal::kErrorRate && IsJudgedTraffic(preset)) return {kTraffic};
  if (signal == signal::kErrorRate) return {signal::kErrorRate, kTraffic};
  if (signal == signal::kBadRatio) return {signal::kBadRatio, kTraffic};
  if (signal == signal::kRequestRate) return {kTraffic};
  if (signal == signal::kEventLoopLagP99) return {signal::kEventLoopLagP99};
  if (signal == signal::kEventLoopUtilization) return {signal::kEventLoopUtilization};
  return {signal::kInFlight};
}

bool IsPerPod(std::string_view topic) {
  return topic == signal::kEventLoopLagP99 || topic == signal::kEventLoopUtilization;
}

namespace {

std::string FirstOf(const MetricRefs& metrics) {
  return metrics.empty() ? std::string{} : metrics.front().name;
}

std::string CountOf(const RequestMetrics& requests) {
  if (!requests.count.empty()) return requests.count.front().name;
  return requests.histogram.empty() ? std::string{} : requests.histogram.front().name + "_count";
}

std::string UtilizationOf(const RuntimeMetrics& runtime) {
  if (!runtime.busy_seconds.empty()) return runtime.busy_seconds.front().name;
  if (!runtime.utilization_samples.empty()) return runtime.utilization_samples.front().sum.name;
  return FirstOf(runtime.utilization);
}

}  // namespace

std::string MetricOf(const Preset& preset, std::string_view signal) {
  const RequestMetrics& requests = preset.requests;
  if (signal == signal::kLatencyP99) return FirstOf(requests.histogram);
  if (signal == signal::kBadRatio && !requests.histogram.empty()) {
    return FirstOf(requests.histogram) + "_bucket";
  }
  if (signal == signal::kErrorRate && requests.status.labels.empty()) return {};
  if (signal == signal::kErrorRate || signal == signal::kRequestRate) return CountOf(requests);
  if (signal == signal::kInFlight) return FirstOf(requests.in_flight);
  if (signal == signal::kEventLoopLagP99) return FirstOf(preset.runtime.lag_p99);
  if (signal == signal::kEventLoopUtilization) return UtilizationOf(preset.runtime);
  return {};
}

std::string InstantPromql(std::string_view topic, const TemplateInput& input) {
  const PresetSeries series(input);
  Words words = WordsFor(input, series);
  if (topic == kCensus) {
    return CensusPromql(series, words, !input.preset.requests.heartbeat.empty());
  }
  if (IsPerPod(topic)) {
    words["$POD"] = ", " + input.preset.pod_label;
    words["$AGG"] = "max";
  }
  std::string value = Fill(ValueTemplate(topic, input.preset), words);
  if (!HasParts(topic)) return value;
  const auto scrapes = series.Scrapes(topic);
  const auto part = [&](std::string_view text, std::string_view name) {
    return " or " + Labelled(ScrapePart(text, scrapes, words), name);
  };
  const bool judged = topic == kTraffic && IsJudgedTraffic(input.preset);
  std::string promql =
      (judged ? value : Labelled(value, part::kValue)) + part(kNewest, part::kTime);
  if (!IsRate(topic)) return promql;
  return promql + part(kBefore, part::kBefore) + part(kFirst, part::kFirst) +
         part(kSecond, part::kSecond);
}

std::string RangePromql(std::string_view signal, const TemplateInput& input) {
  const Words words = WordsFor(input, PresetSeries(input));
  return Fill(ValueTemplate(signal, input.preset), words);
}

}  // namespace evenkeel
