#include "controller/prometheus/promql.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace evenkeel {
namespace {

// k8s.io/apimachinery rand.SafeEncodeString: no vowels and no 0, 1, 3. Neither a word ("worker")
// nor an ordinal can pass for a hash or a suffix. A template hash is a 32-bit number in decimal;
// fewer than 5 digits come once in 400,000 rollouts.
constexpr std::string_view kHash = "[b-df-hj-np-tv-xz24-9]{5,10}";
constexpr std::string_view kSuffix = "[b-df-hj-np-tv-xz24-9]{5}";
constexpr std::string_view kLooseHash = "[b-df-hj-np-tv-xz24-9]{0,10}";
constexpr std::size_t kGeneratedNameKeeps = 58;
constexpr std::size_t kLongestHash = 10;

std::string PodTail(PodNames names) {
  const std::string hash(kHash);
  const std::string suffix(kSuffix);
  switch (names) {
    case PodNames::kNone:
      return {};
    case PodNames::kReplicaSet:
      return "-" + hash + "-" + suffix;
    case PodNames::kLong:
      return "-?" + std::string(kLooseHash) + "-?" + suffix;
    case PodNames::kOrdinal:
      return "-[0-9]+";
    case PodNames::kSuffix:
      return "-" + suffix;
    case PodNames::kAny:
      return "(?:-" + hash + ")?-(?:" + suffix + "|[0-9]+)";
  }
  return {};
}

// Whether the tail tells by itself where the target's name ends.
bool TailIsExact(PodNames names) { return names != PodNames::kLong && names != PodNames::kAny; }

std::set<std::string> Values(std::span<const std::vector<std::string>> targets, std::size_t index) {
  std::set<std::string> values;
  for (const auto& target : targets) values.insert(target[index]);
  return values;
}

std::string Alternation(const std::set<std::string>& values) {
  std::string regex;
  for (const std::string& value : values) {
    if (!regex.empty()) regex += '|';
    regex += EscapeRegex(value);
  }
  return regex;
}

std::string Matcher(std::string_view label, const std::set<std::string>& values) {
  const std::string name(label);
  if (values.size() == 1) return name + "=" + Quote(*values.begin());
  return name + "=~" + Quote(Alternation(values));
}

// Whether kTargetLabel is made from another label.
bool IsMade(const Grouping& grouping) {
  return grouping.pod_names != PodNames::kNone || grouping.joint.has_value();
}

// The label that names the target, and the regular expressions around the name in it.
struct Around {
  std::string label;
  std::string before;
  std::string after;
};

Around AroundTarget(const Grouping& grouping) {
  if (grouping.joint) return {grouping.joint->label, grouping.joint->before, grouping.joint->after};
  return {grouping.pod_label, "", PodTail(grouping.pod_names)};
}

std::string TargetMatcher(const Grouping& grouping, const std::set<std::string>& values,
                          bool named) {
  const auto [label, before, after] = AroundTarget(grouping);
  const std::string names = named ? "(?:" + Alternation(values) + ")" : ".+";
  return label + "=~" + Quote(before + names + after);
}

}  // namespace

std::string Quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '\n') {
      quoted += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string EscapeRegex(std::string_view text) {
  constexpr std::string_view kMeta = R"(\.+*?()|[]{}^$)";
  std::string escaped;
  for (const char c : text) {
    if (kMeta.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string PromDuration(std::chrono::milliseconds duration) {
  const auto count = duration.count();
  if (count % 1000 == 0) return std::to_string(count / 1000) + "s";
  return std::to_string(count) + "ms";
}

bool IsLabelName(std::string_view name) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  if (name.empty() || name == "__name__" || !is_letter(name.front())) return false;
  return std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

PodNames PodNamesOf(std::string_view kind, std::string_view target) {
  if (kind == "StatefulSet") return PodNames::kOrdinal;
  if (kind == "ReplicaSet" || kind == "ReplicationController") {
    return target.size() < kGeneratedNameKeeps ? PodNames::kSuffix : PodNames::kLong;
  }
  if (kind != "Deployment" && kind != "Rollout") return PodNames::kAny;
  const bool fits = target.size() + 2 + kLongestHash <= kGeneratedNameKeeps;
  return fits ? PodNames::kReplicaSet : PodNames::kLong;
}

std::string PodStem(std::string_view target) {
  return std::string(target.substr(0, kGeneratedNameKeeps));
}

bool CanBeUnfiltered(const Grouping& grouping) {
  return !grouping.joint && TailIsExact(grouping.pod_names);
}

std::string JointValue(const JointLabel& joint, std::string_view namespace_name,
                       std::string_view name) {
  return std::string(namespace_name) + joint.between + std::string(name);
}

std::string Selector(const Grouping& grouping, std::span<const std::vector<std::string>> targets,
                     Filter filter) {
  std::string selector;
  for (std::size_t i = 0; i < grouping.labels.size(); ++i) {
    const bool made = grouping.labels[i] == kTargetLabel && IsMade(grouping);
    const bool named = filter == Filter::kNames || (filter == Filter::kNamespaces && i == 0);
    if (!made && !named) continue;
    if (!selector.empty()) selector += ',';
    selector += made ? TargetMatcher(grouping, Values(targets, i), named)
                     : Matcher(grouping.labels[i], Values(targets, i));
  }
  return selector;
}

Wrapping TargetLabelling(const Grouping& grouping,
                         std::span<const std::vector<std::string>> targets) {
  if (!IsMade(grouping)) return {};
  const auto label = std::find(grouping.labels.begin(), grouping.labels.end(), kTargetLabel);
  const auto index = static_cast<std::size_t>(label - grouping.labels.begin());
  const auto [source, before, after] = AroundTarget(grouping);
  // An exact tail needs no list of names: the selector has filtered, and a short regex is fast.
  const bool exact = CanBeUnfiltered(grouping);
  const std::string name = exact ? ".+" : Alternation(Values(targets, index));
  const std::string regex = before + "(" + name + ")" + after;
  return {"label_replace(",
          ", " + Quote(kTargetLabel) + R"(, "$1", )" + Quote(source) + ", " + Quote(regex) + ")"};
}

}  // namespace evenkeel
