#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/source_dir.hpp"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;

std::string Read(const fs::path& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// What stands between backquotes in the last column of a table.
std::vector<std::string> NamedTests(const std::string& markdown) {
  std::vector<std::string> names;
  std::istringstream lines(markdown);
  const std::regex name("`([^`]+)`");
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| ") || line.size() < 4) continue;
    const std::string cell = line.substr(line.rfind("| ", line.size() - 3));
    for (std::sregex_iterator it(cell.begin(), cell.end(), name), end; it != end; ++it) {
      names.push_back((*it)[1]);
    }
  }
  return names;
}

std::string AllTests(const fs::path& tests) {
  std::string text;
  for (fs::recursive_directory_iterator entry(tests), end; entry != end; ++entry) {
    if (entry->path().filename() == "node_modules") entry.disable_recursion_pending();
    const std::string name = entry->path().filename().string();
    if (name.ends_with("_test.cpp") || name.ends_with("_test.go")) text += Read(entry->path());
  }
  return text;
}

TEST_CASE("conformance: every test that the table of defects names exists") {
  const fs::path tests = fs::path(test::SourceDir()) / "tests";
  const std::vector<std::string> names = NamedTests(Read(tests / "conformance" / "README.md"));
  CHECK(names.size() >= 35);
  const std::string all = AllTests(tests);
  for (const std::string& name : names) {
    INFO(name);
    const bool go = name.starts_with("Test");
    CHECK(all.find(go ? "func " + name + "(" : "\"" + name) != std::string::npos);
  }
}

}  // namespace
}  // namespace evenkeel
