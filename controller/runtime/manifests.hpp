// Files that people give us on the command line: text, and Kubernetes objects in YAML or JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "policies/result.hpp"

namespace evenkeel {

// The content of a file, "-" for standard input; at most 16 MiB. kInvalid says why not, without the
// name.
[[nodiscard]] Result<std::string> ReadTextFile(const std::string& file);

// The objects of a file, which may hold several documents, also Lists (whose items are returned).
[[nodiscard]] Result<std::vector<nlohmann::json>> ReadManifests(const std::string& file);

}  // namespace evenkeel
