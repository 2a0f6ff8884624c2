// The values of flags, checked; faults name the flag, what was given and what is allowed.
#pragma once

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/runtime/options.hpp"
#include "policies/result.hpp"

namespace evenkeel {

// The value that goes with the name given.
template <class E>
Result<E> Choose(std::string_view flag, std::string_view given,
                 std::initializer_list<std::pair<std::string_view, E>> allowed) {
  std::string names;
  for (const auto& [name, value] : allowed) {
    if (given == name) return value;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  return Invalid("--" + std::string(flag) + ": \"" + std::string(given) + "\" is not one of " +
                 names);
}

// "15s", within these bounds.
[[nodiscard]] Result<std::chrono::milliseconds> DurationOf(std::string_view flag,
                                                           const std::string& given,
                                                           std::chrono::milliseconds least,
                                                           std::chrono::milliseconds most);

[[nodiscard]] Status CheckUrl(const std::string& flag, const std::string& url);
[[nodiscard]] Status CheckSources(const RunOptions& run);
[[nodiscard]] Status CheckAddress(const std::string& address);
[[nodiscard]] Status CheckRates(const RunOptions& run);

// Of `simulate`: "7" or "101-120", at most 10,000 seeds.
[[nodiscard]] Status ReadSeeds(const std::string& given, SimulateOptions& simulate);
// Names that say how to write the report: *.html, *.md or *.json.
[[nodiscard]] Status CheckReports(const std::vector<std::string>& files);
// Empty, or *.jsonl.
[[nodiscard]] Status CheckTimeline(const std::string& file);
[[nodiscard]] Status CheckThreads(int threads);

}  // namespace evenkeel
