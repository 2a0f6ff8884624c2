#include "controller/runtime/check.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/source_dir.hpp"
#include "support/temp_dir.hpp"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;
using test::TempDir;

const std::string kManifests = test::SourceDir() + "/tests/manifests/policies/";

constexpr const char* kGood = R"(apiVersion: evenkeel.dev/v1alpha1
kind: ScalingPolicy
metadata: {name: checkout, namespace: shop}
spec:
  targetRef: {name: checkout}
  maxReplicas: 40
  objectives: {latencyP99: 250ms, eventLoopUtilization: 70%}
)";

struct Checked {
  int status = 0;
  std::string out;
  std::string err;
};

Checked Check(const std::vector<std::string>& files) {
  std::ostringstream out;
  std::ostringstream err;
  const int status = RunCheck(files, {}, out, err);
  return {status, out.str(), err.str()};
}

std::string FirstLine(const fs::path& path) {
  std::ifstream stream(path);
  std::string line;
  std::getline(stream, line);
  return line;
}

std::vector<fs::path> Manifests(const std::string& kind) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(kManifests + kind)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a valid policy is OK") {
  const TempDir dir;
  const std::string file = dir.Write("checkout.yaml", kGood);
  const Checked checked = Check({file});
  CHECK(checked.out == file + ": shop/checkout: OK\n");
  CHECK(checked.err.empty());
  CHECK(checked.status == 0);
}

TEST_CASE("every fault has a line with the file, the policy and the field") {
  const TempDir dir;
  const std::string file = dir.Write("checkout.yaml", R"(
apiVersion: evenkeel.dev/v1alpha1
kind: ScalingPolicy
metadata: {name: checkout}
spec:
  targetRef: {name: checkout}
  mode: observe
  objectives: {latencyP99: 250}
)");
  const Checked checked = Check({file});
  const std::string prefix = file + ": default/checkout: error: ";
  CHECK(
      checked.out ==
      prefix + "spec.maxReplicas: Required value\n" + prefix +
          "spec.mode: Unsupported value: \"observe\": supported values: \"Enforce\", \"Observe\"; "
          "did you mean \"Observe\"?\n" +
          prefix + "spec.objectives.latencyP99: must be of type string; got 250\n");
  CHECK(checked.status == 1);
}

TEST_CASE("every policy that the API server takes is taken") {
  // A module may come with a later version of the program than of the CRD.
  for (const fs::path& file : Manifests("valid")) {
    const Checked checked = Check({file.string()});
    INFO(checked.out);
    std::istringstream lines(checked.out);
    for (std::string line; std::getline(lines, line);) {
      CHECK((!Contains(line, ": error: ") || Contains(line, ".name: Unsupported value: ")));
    }
    CHECK(checked.err.empty());
  }
}

TEST_CASE("every policy that the API server refuses is refused, for the same reason") {
  const std::string marker = "# expect: ";
  for (const fs::path& file : Manifests("invalid")) {
    INFO(file);
    // "<path>: <fragment>"; the API server's own words may stand between the two.
    const std::string line = FirstLine(file);
    REQUIRE(line.starts_with(marker));
    const std::string expected = line.substr(marker.size());
    const auto path_end = expected.find(':') + 1;
    const Checked checked = Check({file.string()});
    INFO(checked.out + checked.err);
    CHECK(checked.status == 1);
    CHECK(Contains(checked.out, ": error: " + expected.substr(0, path_end) + " "));
    CHECK(Contains(checked.out, expected.substr(std::min(path_end + 1, expected.size()))));
    CHECK(std::count(checked.out.begin(), checked.out.end(), '\n') == 1);
  }
}

TEST_CASE("other objects are skipped with a note, and several documents are all read") {
  const TempDir dir;
  const std::string file =
      dir.Write("all.yaml", std::string("kind: Deployment\nmetadata: {name: checkout}\n---\n") +
                                kGood + "---\n---\nkind: List\nitems: [{kind: Service}]\n");
  const Checked checked = Check({file});
  CHECK(checked.out == file + ": Deployment checkout: skipped, not a ScalingPolicy\n" + file +
                           ": shop/checkout: OK\n" + file +
                           ": Service : skipped, not a ScalingPolicy\n");
  CHECK(checked.status == 0);
}

TEST_CASE("a directory is its manifests in alphabetical order, without its subdirectories") {
  const TempDir dir;
  fs::create_directory(dir.path() / "sub");
  dir.Write("sub/x.yaml", "kind: Nested");
  dir.Write("notes.txt", "{");
  const std::string b = dir.Write("b.yml", kGood);
  const std::string a = dir.Write("a.yaml", kGood);
  const Checked checked = Check({dir.path().string()});
  CHECK(checked.out == a + ": shop/checkout: OK\n" + b + ": shop/checkout: OK\n");
  CHECK(checked.status == 0);
}

TEST_CASE("standard input is read for -") {
  std::istringstream input(kGood);
  std::streambuf* const before = std::cin.rdbuf(input.rdbuf());
  const Checked checked = Check({"-"});
  std::cin.rdbuf(before);
  CHECK(checked.out == "-: shop/checkout: OK\n");
}

TEST_CASE("what cannot be read is told apart from what is wrong") {
  const TempDir dir;
  const std::string broken = dir.Write("broken.yaml", "spec: {a: [");
  const std::string empty = dir.Write("empty.yaml", "");
  fs::create_directory(dir.path() / "bare");
  CHECK(Check({}).status == 2);
  CHECK(Check({empty}).err == "no ScalingPolicy found\n");
  CHECK(Check({empty}).status == 2);
  CHECK(Check({broken}).status == 2);
  CHECK(Check({broken}).err.starts_with(broken + ": "));
  const std::string missing = (dir.path() / "missing.yaml").string();
  CHECK(Check({missing}).err == missing + ": No such file or directory\n");
  CHECK(Check({missing}).status == 2);
  CHECK(Check({(dir.path() / "bare").string()}).status == 2);
  const std::string good = dir.Write("good.yaml", kGood);
  const Checked both = Check({missing, good});
  CHECK(both.status == 2);
  CHECK(both.out == good + ": shop/checkout: OK\n");
}

}  // namespace
}  // namespace evenkeel
