// PromQL from untrusted parts: quoting, durations, and the selectors and groupings by which a
// policy's series are found. No name or value that a user wrote reaches a query unescaped.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controller/prometheus/presets.hpp"

namespace evenkeel {

// A double-quoted PromQL string literal.
[[nodiscard]] std::string Quote(std::string_view text);
// `text` as a regular expression (RE2) that matches exactly it.
[[nodiscard]] std::string EscapeRegex(std::string_view text);
// "90s", "1500ms".
[[nodiscard]] std::string PromDuration(std::chrono::milliseconds duration);
// [a-zA-Z_][a-zA-Z0-9_]*, and not __name__, which is no label to match on.
[[nodiscard]] bool IsLabelName(std::string_view name);

// How the names of a target's pods are built.
enum class PodNames {
  kNone,        // not used: the target is found by labels
  kReplicaSet,  // <target>-<template hash>-<suffix>: Deployment, Argo Rollout
  kLong,        // the same, for names so long that the API server cuts them (see PodNamesOf)
  kOrdinal,     // <target>-<number>: StatefulSet
  kSuffix,      // <target>-<suffix>: ReplicaSet, ReplicationController
  kAny,         // other kinds: one of the above
};

// Generated pod names keep 58 characters of what they are made of (k8s.io/apiserver names), so a
// Deployment above 46 characters loses its hash, or the end of its own name.
[[nodiscard]] PodNames PodNamesOf(std::string_view kind, std::string_view target);
// The part of the target's name that its pods still carry.
[[nodiscard]] std::string PodStem(std::string_view target);

// The labels by which a grouped query tells its targets apart: the namespace first, then the
// policy's `match` labels or the preset's, or kTargetLabel, which is made from the pod's name. With
// a joint label, kTargetLabel comes first and stands for namespace and name.
struct Grouping {
  std::vector<std::string> labels;
  PodNames pod_names = PodNames::kNone;
  std::string pod_label = "pod";
  std::optional<JointLabel> joint{};

  auto operator<=>(const Grouping&) const = default;
};

inline constexpr std::string_view kTargetLabel = "evenkeel_target";

// What a grouped query lets through of its source's series.
enum class Filter {
  kNames,       // the targets named
  kNamespaces,  // the targets' namespaces
  kNone,        // everything: for when most of what is there is asked for
};
// Whether targets can be told apart without naming them.
[[nodiscard]] bool CanBeUnfiltered(const Grouping& grouping);
// The value of kTargetLabel of a joint label.
[[nodiscard]] std::string JointValue(const JointLabel& joint, std::string_view namespace_name,
                                     std::string_view name);

// Matchers that let through exactly the named targets, and at most the cross product of their
// label values: `namespace="shop",service=~"cart|checkout"`. Each target's values in the order of
// grouping.labels.
[[nodiscard]] std::string Selector(const Grouping& grouping,
                                   std::span<const std::vector<std::string>> targets,
                                   Filter filter = Filter::kNames);
// What turns `vector` into `vector` with kTargetLabel: before and after it; empty if not needed.
struct Wrapping {
  std::string before;
  std::string after;
};
[[nodiscard]] Wrapping TargetLabelling(const Grouping& grouping,
                                       std::span<const std::vector<std::string>> targets);

}  // namespace evenkeel
