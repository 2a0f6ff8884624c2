#include "conformance/cases.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace evenkeel::conformance {
namespace {

constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kCpuInit = 120'000;  // as the HPA's own tests have them
constexpr std::int64_t kReadinessDelay = 10'000;

json Pod(char letter, const std::string& name) {
  json pod = {{"name", name},      {"phase", "Running"}, {"deleted", letter == 'D'},
              {"startAge", kHour}, {"ready", "True"},    {"transitionAge", kHour - 20'000}};
  if (letter == 'F' || letter == 'L' || letter == 'P') pod["ready"] = "False";
  if (letter == 'F') pod["transitionAge"] = kHour;
  if (letter == 'H') pod["startAge"] = pod["transitionAge"] = 10'000;
  if (letter == 'P') pod["phase"] = "Pending";
  if (letter == 'X') pod["phase"] = "Failed";
  return pod;
}

json Pods(std::string_view letters, const std::vector<std::int64_t>& requests) {
  json pods = json::array();
  for (std::size_t i = 0; i < letters.size(); ++i) {
    pods.push_back(Pod(letters[i], "p" + std::to_string(i)));
    pods.back()["requestMilli"] = requests.empty() ? 1000 : requests.at(i);
  }
  return pods;
}

bool HasSample(char letter) { return letter != 'M' && letter != 'P'; }

json Samples(const PodsCase& of, std::int64_t unit) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < of.pods.size(); ++i) {
    if (HasSample(of.pods[i])) names.push_back("p" + std::to_string(i));
  }
  json samples = json::array();
  for (std::size_t i = 0; i < of.samples.size(); ++i) {
    samples.push_back({{"pod", i < names.size() ? names[i] : "stranger" + std::to_string(i)},
                       {"milli", of.samples[i] * unit},
                       {"age", 0},
                       {"window", 60'000}});
  }
  return samples;
}

json PerPod(const PodsCase& of, std::int64_t unit) {
  return {{"kind", "pods"},
          {"cur", of.current},
          {"target", of.target},
          {"tolUp", of.tolerance.up},
          {"tolDown", of.tolerance.down},
          {"cpuInitMs", kCpuInit},
          {"readinessDelayMs", kReadinessDelay},
          {"pods", Pods(of.pods, of.requests)},
          {"metrics", Samples(of, unit)}};
}

// "4p/60" or "100%/60".
json Rule(const std::string& word) {
  int value = 0;
  int period = 0;
  const char* end = word.data() + word.size();
  const char* unit = std::from_chars(word.data(), end, value).ptr;
  std::from_chars(unit + 2, end, period);
  return {{"type", *unit == 'p' ? "Pods" : "Percent"}, {"value", value}, {"period", period}};
}

json Rules(std::string_view text) {
  std::istringstream words{std::string(text)};
  std::string word;
  words >> word;
  json rules = {{"select", word}, {"policies", json::array()}};
  while (words >> word) rules["policies"].push_back(Rule(word));
  return rules;
}

json Ages(const Aged& entries, const char* value_name) {
  json list = json::array();
  for (const auto& [value, age] : entries) {
    list.push_back({{"age", std::int64_t{age} * 1000}, {value_name, value}});
  }
  return list;
}

}  // namespace

json CpuCase(const PodsCase& pods) {
  json vector = PerPod(pods, pods.requests.empty() ? 10 : 1);
  vector["fn"] = "resource";
  vector["resource"] = "cpu";
  return vector;
}

json PodsMetricCase(const PodsCase& pods) {
  json vector = PerPod(pods, 1);
  vector["fn"] = "pods";
  return vector;
}

json WholeCase(std::string_view function, const ValueCase& value) {
  return {{"kind", "value"},
          {"fn", function},
          {"cur", value.current},
          {"status", value.status < 0 ? value.current : value.status},
          {"usages", value.usages},
          {"target", value.target},
          {"tolUp", value.tolerance.up},
          {"tolDown", value.tolerance.down},
          {"pods", Pods(value.pods, {})}};
}

json LimitCase(const RateCase& rate) {
  json vector = PlainLimitCase(rate.current, rate.wanted, rate.least, rate.most);
  vector["behavior"] = true;
  if (!rate.up.empty()) vector["up"] = Rules(rate.up);
  if (!rate.down.empty()) vector["down"] = Rules(rate.down);
  vector["ups"] = Ages(rate.ups, "change");
  vector["downs"] = Ages(rate.downs, "change");
  return vector;
}

json PlainLimitCase(int current, int wanted, int least, int most) {
  return {{"kind", "rate"}, {"behavior", false}, {"cur", current},
          {"want", wanted}, {"min", least},      {"max", most}};
}

json StabilizeCase(int up_window, int down_window, int current, int proposal,
                   const Aged& recommendations) {
  return {{"kind", "stabilize"},
          {"behavior", true},
          {"upWindow", up_window},
          {"downWindow", down_window},
          {"cur", current},
          {"proposal", proposal},
          {"recs", Ages(recommendations, "replicas")}};
}

json PlainStabilizeCase(int down_window, int proposal, const Aged& recommendations) {
  json vector = StabilizeCase(0, down_window, proposal, proposal, recommendations);
  vector["behavior"] = false;
  return vector;
}

}  // namespace evenkeel::conformance
