// The scenario set of the benchmark protocol: every file is one.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "controller/simulate/scenario.hpp"
#include "support/catch.hpp"
#include "support/source_dir.hpp"

using namespace evenkeel;
namespace fs = std::filesystem;

namespace {

std::vector<fs::path> ScenarioFiles() {
  std::vector<fs::path> files;
  for (const auto& entry :
       fs::directory_iterator(fs::path(test::SourceDir()) / "tests/scenarios")) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  return files;
}

// Traces are not part of the repository: any will do here.
Result<std::string> AnyTrace(const std::string&) { return std::string("100\n200\n"); }

}  // namespace

TEST_CASE("every scenario file can be read, has the name of its file, and says what it is about") {
  const auto files = ScenarioFiles();
  CHECK(files.size() >= 22);
  for (const fs::path& file : files) {
    CAPTURE(file.string());
    std::ifstream stream(file);
    const auto parsed = ParseScenario(nlohmann::json::parse(stream), AnyTrace);
    if (const auto* faults = std::get_if<std::vector<FieldError>>(&parsed)) {
      FAIL(faults->front().ToString());
    }
    const auto& scenario = std::get<Scenario>(parsed);
    CHECK(scenario.name == file.stem());
    CHECK_THAT(scenario.about, Catch::EndsWith("."));
    CHECK(scenario.objectives.error_rate == 0.01);
    CHECK(scenario.Slo() == SimSeconds{0.25});
  }
}
