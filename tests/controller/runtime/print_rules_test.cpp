#include "controller/runtime/print_rules.hpp"

#include <fstream>
#include <iterator>
#include <sstream>

#include "controller/runtime/yaml.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/source_dir.hpp"

using namespace evenkeel;
using namespace evenkeel::test;

namespace {

struct Printed {
  int status;
  std::string out;
  std::string err;
};

Printed Print(const RulesOptions& options) {
  std::ostringstream out;
  std::ostringstream err;
  const int status = PrintRules(options, out, err);
  return {status, out.str(), err.str()};
}

}  // namespace

TEST_CASE("rules: the shipped rule file is what the program prints") {
  std::ifstream file(SourceDir() + "/deploy/rules/prom-client.yaml");
  const std::string shipped((std::istreambuf_iterator<char>(file)), {});
  CHECK(Print({.presets = {"prom-client"}}).out == shipped);
}

TEST_CASE("rules: every topic of a preset is recorded, with its window") {
  const Printed printed = Print({.presets = {"ingress-nginx"}, .window = std::chrono::minutes(2)});
  CHECK(printed.status == 0);
  const auto documents = YamlToJson(printed.out);
  REQUIRE(documents);
  const auto& group = documents->front().at("groups").at(0);
  CHECK(group.at("name") == "evenkeel-ingress-nginx");
  CHECK(group.at("interval") == "15s");
  std::string recorded;
  for (const auto& rule : group.at("rules")) {
    recorded += rule.at("record").get<std::string>() + " ";
    CHECK(rule.at("labels").at("evenkeel_window") == "120s");
  }
  CHECK(recorded == "evenkeel:latencyP99 evenkeel:traffic ");
}

TEST_CASE("rules: a preset that is unknown or cannot be recorded is refused by name") {
  const Printed unknown = Print({.presets = {"promclient"}});
  CHECK(unknown.status == 2);
  CHECK(unknown.out.empty());
  CHECK_THAT(unknown.err, Catch::Contains("\"promclient\" is not one of "));
  CHECK_THAT(Print({.presets = {"traefik"}}).err, Catch::Contains("cannot be recorded"));
}
