#include "controller/runtime/simulate.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;
using test::TempDir;

constexpr std::string_view kScenario = R"({
  "name": "minute", "duration": "60s", "warmup": "10s", "objectives": {"latencyP99": "250ms"},
  "replicas": {"min": 2, "max": 8}, "arrivals": {"rate": [["0s", 100]]}})";

SimulateOptions TwoSeedsOfTwo(const TempDir& dir) {
  SimulateOptions options;
  options.scenarios = {dir.Write("minute.json", kScenario)};
  options.entrants = {{false, "static"}, {false, "hpa-elu"}};
  options.last_seed = 2;
  return options;
}

TEST_CASE("simulate: the timeline has a line for each policy and seed, by seed") {
  const TempDir dir;
  SimulateOptions options = TwoSeedsOfTwo(dir);
  options.timeline = (dir.path() / "t.jsonl").string();
  std::ostringstream out;
  std::ostringstream err;
  REQUIRE(RunSimulate(options, out, err) == 0);
  std::ifstream file(options.timeline);
  std::vector<std::string> episodes;
  for (std::string text; std::getline(file, text);) {
    const json line = json::parse(text);
    CHECK(line["seconds"]["replicas"].size() == 60);
    CHECK(line["windows"]["p99"].size() == 6);
    episodes.push_back(line["policy"].get<std::string>() + " " +
                       std::to_string(line["seed"].get<int>()));
  }
  CHECK(episodes == std::vector<std::string>{"static 1", "hpa-elu 1", "static 2", "hpa-elu 2"});
}

TEST_CASE("simulate: a timeline that cannot be written is an error that names it") {
  const TempDir dir;
  SimulateOptions options = TwoSeedsOfTwo(dir);
  options.timeline = (dir.path() / "no" / "t.jsonl").string();
  std::ostringstream out;
  std::ostringstream err;
  CHECK(RunSimulate(options, out, err) == 1);
  CHECK(err.str().find("evenkeel: --timeline: " + options.timeline + ": No such file") !=
        std::string::npos);
  CHECK(out.str().find("hpa-elu") != std::string::npos);
}

}  // namespace
}  // namespace evenkeel
