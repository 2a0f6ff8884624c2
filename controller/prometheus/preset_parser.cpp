// ParsePresets: from the text of presets.yaml, as JSON, to values.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/core/spec_reader.hpp"
#include "controller/core/spec_values.hpp"
#include "controller/prometheus/presets.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxPresets = 64;
constexpr std::size_t kMaxSpellings = 8;
constexpr std::size_t kMaxText = 512;

bool IsMetricName(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == ':';
  };
  return !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
         std::all_of(name.begin(), name.end(), fits);
}

// "name" or "name{matchers}".
std::optional<MetricRef> ParseMetric(const std::string& text) {
  const auto brace = text.find('{');
  MetricRef metric{text.substr(0, brace)};
  if (!IsMetricName(metric.name)) return std::nullopt;
  if (brace == std::string::npos) return metric;
  if (!text.ends_with('}') || text.size() < brace + 3) return std::nullopt;
  metric.matchers = text.substr(brace + 1, text.size() - brace - 2);
  return metric;
}

bool IsMetric(const std::string& text) { return ParseMetric(text).has_value(); }
bool IsRegex(const std::string& text) { return text.find('(') == std::string::npos; }

// namespace first, then name, each once.
bool IsJointFormat(const std::string& text) {
  const auto space = text.find("{namespace}");
  const auto name = text.find("{name}");
  return space != std::string::npos && name != std::string::npos &&
         space + std::string_view("{namespace}").size() < name && IsRegex(text);
}

constexpr TextRule kPresetName{&IsSimpleName, 63,
                               "must be made of lower case letters, digits and \"-\""};
constexpr TextRule kAbout{&IsNotBlank, 1024, "must not be empty"};
constexpr TextRule kMetric{&IsMetric, kMaxText,
                           "must be a metric name, with matchers in braces if it needs any"};
constexpr TextRule kLabel{&IsLabelName, 128, "must be a Prometheus label name"};
constexpr TextRule kMatchers{&IsNotBlank, kMaxText, "must be PromQL matchers without braces"};
constexpr TextRule kRegex{&IsRegex, kMaxText, "must be a regular expression without groups"};
constexpr TextRule kJointFormat{&IsJointFormat, kMaxText,
                                "must hold {namespace}, some text and {name}, in this order; the "
                                "rest is a regular expression without groups"};
constexpr TextRule kBound{
    [](const std::string& text) { return ParseSpecDuration(text).has_value(); }, 16,
    "must be a duration with a unit, e.g. \"500ms\" or \"10s\""};
constexpr DurationRule kFloor{std::chrono::nanoseconds{1}, std::chrono::seconds{1},
                              "must be a duration with a unit, at most 1s"};

bool Flag(SpecObject& object, std::string_view name) {
  const json* value = object.Find(name);
  if (value == nullptr) return false;
  if (!value->is_boolean()) object.Fail(name, "must be true or false", *value);
  return value->is_boolean() && value->get<bool>();
}

// A list of strings; a single string counts as a list of it.
std::vector<std::string> Strings(SpecObject& object, std::string_view name, const TextRule& rule) {
  const json* value = object.Find(name);
  if (value == nullptr) return {};
  const json list = value->is_string() ? json::array({*value}) : *value;
  if (!list.is_array() || list.empty() || list.size() > kMaxSpellings) {
    object.Fail(name, "must be a string or a list of 1 to 8", *value);
    return {};
  }
  std::vector<std::string> strings;
  for (const json& item : list) {
    if (item.is_string() && rule.fits(item.get<std::string>()) &&
        item.get_ref<const std::string&>().size() <= rule.max_bytes) {
      strings.push_back(item.get<std::string>());
    } else {
      object.Fail(name, rule.message, item);
    }
  }
  return strings;
}

MetricRefs Metrics(SpecObject& object, std::string_view name) {
  MetricRefs metrics;
  for (const std::string& text : Strings(object, name, kMetric)) {
    metrics.push_back(*ParseMetric(text));
  }
  return metrics;
}

double Seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

StatusCounter ReadStatus(SpecObject& requests) {
  StatusCounter status;
  requests.Object("status", [&](SpecObject& object) {
    object.Require("labels");
    status.metrics = Metrics(object, "metrics");
    status.labels = Strings(object, "labels", kLabel);
    status.failed = object.Text("failed", kRegex).value_or(status.failed);
  });
  return status;
}

void ReadRequests(SpecObject& object, RequestMetrics& requests) {
  const Words<double> units = {{"s", 1}, {"ms", 0.001}};
  requests.histogram = Metrics(object, "histogram");
  requests.native = Flag(object, "native");
  requests.seconds_per_unit = object.OneOf("unit", units).value_or(1);
  requests.count = Metrics(object, "count");
  requests.status = ReadStatus(object);
  requests.failures = Metrics(object, "failures");
  requests.matchers = object.Text("matchers", kMatchers).value_or("");
  requests.in_flight = Metrics(object, "inFlight");
  requests.outlives_pods = Flag(object, "outlivesPods");
  requests.heartbeat = Metrics(object, "heartbeat");
  for (const std::string& bound : Strings(object, "largestBuckets", kBound)) {
    requests.largest_buckets.push_back(Seconds(*ParseSpecDuration(bound)));
  }
  if (requests.histogram.empty() && requests.count.empty()) {
    object.Fail("histogram", "give a histogram of durations, or at least a count");
  }
}

std::vector<MetricRatio> ReadSamples(SpecObject& utilization) {
  std::vector<MetricRatio> ratios;
  for (const MetricRef& metric : Metrics(utilization, "samples")) {
    ratios.push_back(
        {{metric.name + "_sum", metric.matchers}, {metric.name + "_count", metric.matchers}});
  }
  return ratios;
}

void ReadRuntime(SpecObject& object, RuntimeMetrics& runtime) {
  object.Object("lagP99", [&](SpecObject& lag) {
    lag.Require("gauge");
    runtime.lag_p99 = Metrics(lag, "gauge");
    if (const auto floor = lag.Duration("floor", kFloor)) runtime.lag_resolution = Seconds(*floor);
  });
  object.Object("utilization", [&](SpecObject& utilization) {
    runtime.busy_seconds = Metrics(utilization, "busySeconds");
    runtime.utilization_samples = ReadSamples(utilization);
    runtime.utilization = Metrics(utilization, "gauge");
  });
  if (runtime.lag_p99.empty() && !runtime.HasUtilization()) {
    object.Fail("lagP99", "give lagP99, utilization or both");
  }
}

JointLabel SplitFormat(std::string label, const std::string& format) {
  constexpr std::string_view kNamespace = "{namespace}";
  constexpr std::string_view kName = "{name}";
  const auto space = format.find(kNamespace);
  const auto name = format.find(kName);
  const auto between = space + kNamespace.size();
  return {std::move(label), format.substr(0, space), format.substr(between, name - between),
          format.substr(name + kName.size())};
}

void ReadTarget(SpecObject& object, Preset& preset) {
  preset.namespace_label = object.Text("namespace", kLabel).value_or(preset.namespace_label);
  preset.pod_label = object.Text("pod", kLabel).value_or(preset.pod_label);
  preset.target_label = object.Text("name", kLabel).value_or("");
  object.Object("joint", [&](SpecObject& joint) {
    joint.Require("label");
    joint.Require("format");
    const auto label = joint.Text("label", kLabel);
    const auto format = joint.Text("format", kJointFormat);
    if (label && format) preset.joint = SplitFormat(*label, *format);
  });
}

Preset ReadPreset(SpecObject& object) {
  Preset preset;
  object.Require("name");
  preset.name = object.Text("name", kPresetName).value_or("");
  object.Text("about", kAbout);
  object.Object("target", [&](SpecObject& target) { ReadTarget(target, preset); });
  object.Object("requests", [&](SpecObject& requests) { ReadRequests(requests, preset.requests); });
  object.Object("runtime", [&](SpecObject& runtime) { ReadRuntime(runtime, preset.runtime); });
  if (object.Find("requests") == nullptr && object.Find("runtime") == nullptr) {
    object.Fail("requests", "give requests, runtime or both");
  }
  object.RefuseUnknown();
  return preset;
}

void AddPreset(const json& item, const std::string& path, PresetTable& table,
               std::vector<FieldError>& faults) {
  const std::size_t before = faults.size();
  SpecObject object(item, path, faults);
  if (!item.is_object()) return;
  Preset preset = ReadPreset(object);
  if (table.contains(preset.name)) object.Fail("name", "is given twice", preset.name);
  if (faults.size() == before) table.emplace(preset.name, std::move(preset));
}

}  // namespace

PresetTable ParsePresets(const json& list, const std::string& path,
                         std::vector<FieldError>& faults) {
  PresetTable table;
  if (!list.is_array() || list.size() > kMaxPresets) {
    faults.push_back({path, "must be a list of at most " + std::to_string(kMaxPresets)});
    return table;
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    AddPreset(list[i], path + "[" + std::to_string(i) + "]", table, faults);
  }
  return table;
}

const Preset* FindPreset(const PresetTable& table, std::string_view name) {
  const auto found = table.find(name);
  return found == table.end() ? nullptr : &found->second;
}

std::vector<std::string> PresetNames(const PresetTable& table) {
  std::vector<std::string> names;
  names.reserve(table.size());
  for (const auto& [name, preset] : table) names.push_back(name);
  return names;
}

}  // namespace evenkeel
