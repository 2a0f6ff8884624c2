#include "controller/runtime/scenario_file.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "controller/runtime/small_file.hpp"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;

Result<std::string> ReadTrace(const fs::path& beside, const fs::path& traces,
                              const std::string& path) {
  std::error_code unknown;  // reads as: there is none
  if (fs::exists(beside / path, unknown)) return ReadSmallFile("trace", beside / path);
  if (traces.empty()) {
    return Error{.message =
                     "there is no such file beside the scenario, and no other directory of "
                     "traces is given (EVENKEEL_TRACES)"};
  }
  return ReadSmallFile("trace", traces / path);
}

std::string Lines(const std::string& file, const std::vector<FieldError>& faults) {
  std::string lines;
  for (const FieldError& fault : faults) {
    lines += (lines.empty() ? "" : "\n") + file + ": " + fault.ToString();
  }
  return lines;
}

}  // namespace

Result<Scenario> LoadScenario(const std::string& file, const std::string& traces) {
  const Result<std::string> text = ReadSmallFile("scenario", file);
  if (!text) return text.error();
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (json.is_discarded()) return Error{.message = file + ": is not JSON"};
  auto parsed = ParseScenario(json, [&](const std::string& path) {
    return ReadTrace(fs::path(file).parent_path(), traces, path);
  });
  if (const auto* faults = std::get_if<std::vector<FieldError>>(&parsed)) {
    return Error{.message = Lines(file, *faults)};
  }
  return std::get<Scenario>(std::move(parsed));
}

}  // namespace evenkeel
