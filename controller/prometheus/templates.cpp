#include "controller/prometheus/templates.hpp"

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "policies/reading.hpp"

namespace evenkeel {
namespace {

// $BY: labels of the grouping. $OWN: their matchers; $SEL: the preset's besides. $W: the window,
// $H: half of it. <<v>>: v with the label of its target, where that is made from the pod's name.
constexpr std::string_view kRate = "sum by ($BY) (<<rate($COUNTER{$SEL}[$W])>>)";
constexpr std::string_view kLatency =
    "histogram_quantile(0.99, sum by ($BY, le) (<<rate($HISTOGRAM_bucket{$SEL}[$W])>>))$UNIT";
// 0 without failures, absent without traffic, and absent where no series says how requests ended.
constexpr std::string_view kErrors =
    "(sum by ($BY) (<<$FAILED>>) or 0 * count by ($BY) (<<$JUDGED>>))"
    " / (sum by ($BY) (<<rate($COUNTER{$SEL}[$W])>>) > 0)";
constexpr std::string_view kInFlight = "sum by ($BY) (<<$IN_FLIGHT{$SEL}>>)";

constexpr std::string_view kLag = "clamp_min($AGG by ($BY$POD) (<<$LAG{$SEL}>>) - $FLOOR, 0)";
// Over the last two scrapes and not the whole window: demand must be seen when it comes
// (control.md § 2.2), and ELU is an average over time by itself.
constexpr std::string_view kElu = "clamp_max($AGG by ($BY$POD) (<<irate($ACTIVE{$SEL}[$W])>>), 1)";

constexpr std::string_view kNewest = "max by ($BY$POD) (<<timestamp($SERIES)>>)";
constexpr std::string_view kBefore =
    "max by ($BY$POD) (<<count_over_time($SERIES[$H] offset $W)>>)";
constexpr std::string_view kFirst = "max by ($BY$POD) (<<count_over_time($SERIES[$H] offset $H)>>)";
constexpr std::string_view kSecond = "max by ($BY$POD) (<<count_over_time($SERIES[$H])>>)";

using Words = std::map<std::string, std::string, std::less<>>;

bool IsWordLetter(char c) { return (c >= 'A' && c <= 'Z') || c == '_'; }

// The word after the `$` at `begin`: the longest that is known, so that $HISTOGRAM_bucket works.
Words::const_iterator FindWord(std::string_view text, std::size_t begin, const Words& words) {
  std::size_t end = begin + 1;
  while (end < text.size() && IsWordLetter(text[end])) ++end;
  for (; end > begin + 1; --end) {
    const auto word = words.find(text.substr(begin, end - begin));
    if (word != words.end()) return word;
  }
  return words.end();
}

// One pass: what is put in is never looked at again, so no value can act as a placeholder.
std::string Fill(std::string_view text, const Words& words) {
  std::string filled;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view pair = text.substr(i, 2);
    const auto word = pair == "<<" || pair == ">>" ? words.find(pair) : FindWord(text, i, words);
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

// Fixed notation without trailing zeros: PromQL knows no locale and we want no exponent.
std::string Decimal(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string With(std::string selector, std::string_view matcher) {
  if (!matcher.empty()) selector.append(",").append(matcher);
  return selector;
}

std::string Failed(const RequestMetrics& requests, const std::string& selector,
                   const std::string& window) {
  std::vector<std::string> rates;
  const auto add = [&](const std::string& metric, const std::string& matchers) {
    rates.push_back("rate(" + metric + "{" + matchers + "}[" + window + "])");
  };
  for (const std::string& label : requests.status_labels) {
    add(requests.status_counter, With(selector, label + "=~\"5..\""));
  }
  if (!requests.failure_counter.empty()) add(requests.failure_counter, selector);
  return Joined(rates, " or ");
}

std::string Judged(const RequestMetrics& requests, const std::string& selector) {
  std::vector<std::string> series;
  series.reserve(requests.status_labels.size());
  for (const std::string& label : requests.status_labels) {
    series.push_back(requests.status_counter + "{" + With(selector, label + "!=\"\"") + "}");
  }
  return Joined(series, " or ");
}

Words WordsFor(const TemplateInput& input) {
  const RequestMetrics& requests = input.preset.requests;
  const RuntimeMetrics& runtime = input.preset.runtime;
  const std::string own = Selector(input.grouping, input.targets);
  const std::string selector = With(own, requests.matchers);
  const std::string window = PromDuration(input.window);
  const auto [before, after] = TargetLabelling(input.grouping, input.targets);
  const std::string unit =
      requests.seconds_per_unit == 1 ? "" : " * " + Decimal(requests.seconds_per_unit);
  return {
      {"$BY", Joined(input.grouping.labels, ", ")},
      {"$OWN", own},
      {"$SEL", selector},
      {"$W", window},
      {"$H", PromDuration(std::chrono::milliseconds(input.window) / 2)},
      {"<<", before},
      {">>", after},
      {"$COUNTER", requests.counter},
      {"$HISTOGRAM", requests.histogram},
      {"$UNIT", unit},
      {"$FAILED", Failed(requests, selector, window)},
      {"$JUDGED", Judged(requests, selector)},
      {"$IN_FLIGHT", requests.in_flight},
      {"$LAG", runtime.lag_p99},
      {"$FLOOR", Decimal(runtime.lag_resolution)},
      {"$ACTIVE", runtime.active_seconds},
      {"$POD", ""},
      {"$AGG", "avg"},
  };
}

std::string_view ValueTemplate(std::string_view topic) {
  if (topic == signal::kLatencyP99) return kLatency;
  if (topic == signal::kErrorRate) return kErrors;
  if (topic == signal::kEventLoopLagP99) return kLag;
  if (topic == signal::kEventLoopUtilization) return kElu;
  if (topic == signal::kInFlight) return kInFlight;
  return kRate;
}

std::string Labelled(const std::string& promql, std::string_view name) {
  return "label_replace(" + promql + ", " + Quote(kPartLabel) + ", " + Quote(name) +
         ", \"\", \"\")";
}

// The selectors whose samples say when and how often the target was scraped, the preferred first.
std::vector<std::string> ScrapeSeries(std::string_view topic, const Preset& preset,
                                      const Words& words) {
  const auto series = [&](const std::string& metric, std::string_view selector) {
    return metric + "{" + words.find(selector)->second + "}";
  };
  if (topic == signal::kEventLoopLagP99) return {series(preset.runtime.lag_p99, "$OWN")};
  if (topic == signal::kEventLoopUtilization)
    return {series(preset.runtime.active_seconds, "$OWN")};
  if (topic == signal::kInFlight) return {series(preset.requests.in_flight, "$SEL")};
  return {series(preset.requests.heartbeat, "$OWN"), series(preset.requests.counter, "$SEL")};
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

// Latency and error rate rest on the traffic's parts; everything else brings its own.
bool HasParts(std::string_view topic) {
  return topic != signal::kLatencyP99 && topic != signal::kErrorRate;
}

}  // namespace

std::vector<std::string_view> TopicsOf(const Preset& preset, std::string_view signal) {
  if (MetricOf(preset, signal).empty()) return {};
  if (signal == signal::kLatencyP99) return {signal::kLatencyP99, kTraffic};
  if (signal == signal::kErrorRate) return {signal::kErrorRate, kTraffic};
  if (signal == signal::kRequestRate) return {kTraffic};
  if (signal == signal::kEventLoopLagP99) return {signal::kEventLoopLagP99};
  if (signal == signal::kEventLoopUtilization) return {signal::kEventLoopUtilization};
  return {signal::kInFlight};
}

bool IsPerPod(std::string_view topic) {
  return topic == signal::kEventLoopLagP99 || topic == signal::kEventLoopUtilization;
}

std::string MetricOf(const Preset& preset, std::string_view signal) {
  if (signal == signal::kLatencyP99) return preset.requests.histogram;
  if (signal == signal::kErrorRate || signal == signal::kRequestRate)
    return preset.requests.counter;
  if (signal == signal::kInFlight) return preset.requests.in_flight;
  if (signal == signal::kEventLoopLagP99) return preset.runtime.lag_p99;
  if (signal == signal::kEventLoopUtilization) return preset.runtime.active_seconds;
  return {};
}

std::string InstantPromql(std::string_view topic, const TemplateInput& input) {
  Words words = WordsFor(input);
  if (IsPerPod(topic)) {
    words["$POD"] = ", pod";
    words["$AGG"] = "max";
    words["$SEL"] = words["$OWN"];
  }
  std::string value = Fill(ValueTemplate(topic), words);
  if (!HasParts(topic)) return value;
  const auto series = ScrapeSeries(topic, input.preset, words);
  const auto part = [&](std::string_view text, std::string_view name) {
    return " or " + Labelled(ScrapePart(text, series, words), name);
  };
  std::string promql = Labelled(value, part::kValue) + part(kNewest, part::kTime);
  if (!IsRate(topic)) return promql;
  return promql + part(kBefore, part::kBefore) + part(kFirst, part::kFirst) +
         part(kSecond, part::kSecond);
}

std::string RangePromql(std::string_view signal, const TemplateInput& input) {
  Words words = WordsFor(input);
  if (IsPerPod(signal)) words["$SEL"] = words["$OWN"];
  return Fill(ValueTemplate(signal), words);
}

}  // namespace evenkeel
