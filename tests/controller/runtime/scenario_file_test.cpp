#include "controller/runtime/scenario_file.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/source_dir.hpp"
#include "support/temp_dir.hpp"

using namespace evenkeel;
using test::TempDir;

namespace {

constexpr const char* kTraced =
    R"({"name": "traced", "objectives": {"latencyP99": "1s"}, "arrivals": {"file": "rps.txt"}})";

}  // namespace

TEST_CASE("a scenario's trace lies beside it, or else in the directory of traces") {
  const TempDir own;
  const TempDir traces;
  const std::string file = own.Write("traced.json", kTraced);
  traces.Write("rps.txt", "1\n");
  const auto other = LoadScenario(file, traces.path());
  REQUIRE(other);
  CHECK(other->arrivals.table == std::vector<double>{1});
  own.Write("rps.txt", "2\n");
  const auto beside = LoadScenario(file, traces.path());
  REQUIRE(beside);
  CHECK(beside->arrivals.table == std::vector<double>{2});
}

TEST_CASE("a scenario without its trace says where it looked") {
  const TempDir own;
  const std::string file = own.Write("traced.json", kTraced);
  CHECK(LoadScenario(file, "").error().message ==
        file +
            ": arrivals.file: there is no such file beside the scenario, and no other directory "
            "of traces is given (EVENKEEL_TRACES); got \"rps.txt\"");
  const std::string missing = (own.path() / "none").string();
  CHECK(LoadScenario(file, missing).error().message ==
        file + ": arrivals.file: trace '" + missing +
            "/rps.txt': No such file or directory; got \"rps.txt\"");
}

TEST_CASE("a scenario file's faults are listed behind its name") {
  const TempDir own;
  const std::string text = own.Write("text.json", "name: x");
  CHECK(LoadScenario(text, "").error().message == text + ": is not JSON");
  const std::string faulty =
      own.Write("faulty.json", R"({"objectives": {"latencyP99": "1s"}, "arrivals": []})");
  CHECK(LoadScenario(faulty, "").error().message ==
        faulty + ": name: Required value\n" + faulty +
            ": arrivals: must be of type object; got []");
  const std::string absent = (own.path() / "absent.json").string();
  CHECK(LoadScenario(absent, "").error().message ==
        "scenario '" + absent + "': No such file or directory");
}

TEST_CASE("a scenario of the repository is read from its file") {
  const auto flat = LoadScenario(test::SourceDir() + "/tests/scenarios/flat.json", "");
  REQUIRE(flat);
  CHECK(flat->name == "flat");
}
