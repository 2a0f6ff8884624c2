// YAML to JSON exactly as kubectl does it (sigs.k8s.io/yaml over go-yaml v2): for manifests,
// kubeconfigs and our own configuration. A file means the same here as in `kubectl apply`.
//
// Plain scalars: null is null, Null, NULL, ~ or nothing; booleans are true, yes, on, y and false,
// no, off, n (lower case, capitalised, or upper case); numbers are decimal, 0x, 0o, 0b or, with a
// leading zero, octal, with underscores allowed. Infinity and NaN are refused, since JSON has none.
// Quoted and block scalars are strings, and so are dates. Tags other than those of the core schema
// are refused. Keys become strings. Anchors, aliases and merge keys (<<) work.
//
// Bounds: 4 MiB of text, a nesting of 100, and 1,000,000 values after aliases are expanded (each
// alias stands for all that it names: a few lines could mean billions).
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "policies/result.hpp"

namespace evenkeel {

// All documents of the text; those without content (as after a last "---") are left out. kInvalid
// gives line and column, both from 1: "line 3, column 5: duplicate key 'name'".
[[nodiscard]] Result<std::vector<nlohmann::json>> YamlToJson(std::string_view text);

// As block YAML, keys in their order, strings in quotes where they need them.
[[nodiscard]] std::string ToYaml(const nlohmann::ordered_json& value);

}  // namespace evenkeel
