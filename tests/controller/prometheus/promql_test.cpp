#include "controller/prometheus/promql.hpp"

#include <regex>

#include "tests/support/catch.hpp"

using namespace evenkeel;
using namespace std::chrono_literals;

namespace {

// The pattern by which the pods of such a target are found, anchored as Prometheus anchors it.
bool Finds(const std::string& kind, const std::string& target, const std::string& pod) {
  const Grouping grouping{{"namespace", std::string(kTargetLabel)}, PodNamesOf(kind, target)};
  const std::vector<std::vector<std::string>> targets = {{"shop", PodStem(target)}};
  const std::string selector = Selector(grouping, targets);
  const std::string start = R"(namespace="shop",pod=~")";
  REQUIRE(selector.substr(0, start.size()) == start);
  std::string regex = selector.substr(start.size(), selector.size() - start.size() - 1);
  // The string literal writes each backslash twice.
  for (std::size_t i = 0; (i = regex.find("\\\\", i)) != std::string::npos; ++i) regex.erase(i, 1);
  return std::regex_match(pod, std::regex(regex));
}

}  // namespace

TEST_CASE("quoting leaves nothing that could end the string") {
  CHECK(Quote(R"(a"b\c)") == R"("a\"b\\c")");
  CHECK(Quote("a\nb") == R"("a\nb")");
  CHECK(Quote("") == R"("")");
}

TEST_CASE("an escaped regular expression matches its text and nothing else") {
  const std::string text = R"(a.b|c*(d)[e]{2}^$\+?)";
  const std::regex regex(EscapeRegex(text));
  CHECK(std::regex_match(text, regex));
  CHECK_FALSE(std::regex_match("aXb", std::regex(EscapeRegex("a.b"))));
  CHECK_FALSE(std::regex_match("c", std::regex(EscapeRegex("b|c"))));
}

TEST_CASE("durations are whole seconds where they can be") {
  CHECK(PromDuration(60s) == "60s");
  CHECK(PromDuration(30'500ms) == "30500ms");
}

TEST_CASE("only label names are label names") {
  for (const auto* good : {"service", "_a", "app_kubernetes_io_name", "a1"})
    CHECK(IsLabelName(good));
  for (const auto* bad : {"", "1a", "a-b", "a.b", "a\"", "__name__", "a=", "ä"}) {
    CAPTURE(bad);
    CHECK_FALSE(IsLabelName(bad));
  }
}

TEST_CASE("a target's pods are found by name, and no other's") {
  struct Row {
    std::string kind, target, pod;
    bool found;
  };
  const std::vector<Row> rows = {
      {"Deployment", "api", "api-7d9f8c6b5-x2x4z", true},
      {"Deployment", "api", "api-worker-7d9f8c6b5-x2x4z", false},
      {"Deployment", "api-worker", "api-worker-7d9f8c6b5-x2x4z", true},
      {"Deployment", "api", "api-db-0", false},         // of StatefulSet api-db
      {"Deployment", "api", "api-proxy-x2x4z", false},  // of DaemonSet api-proxy
      {"Deployment", "api", "my-api-7d9f8c6b5-x2x4z", false},
      {"Deployment", "a.b", "a.b-7d9f8c6b5-x2x4z", true},
      {"Deployment", "a.b", "aXb-7d9f8c6b5-x2x4z", false},
      {"Rollout", "api", "api-7d9f8c6b5-x2x4z", true},
      {"StatefulSet", "db", "db-0", true},
      {"StatefulSet", "db", "db-17", true},
      {"StatefulSet", "db", "db-replica-0", false},
      {"StatefulSet", "db", "db-x2x4z", false},
      {"ReplicaSet", "api", "api-x2x4z", true},
      {"ReplicaSet", "api", "api-7d9f8c6b5-x2x4z", false},
      {"Fleet", "game", "game-7d9f8c6b5-x2x4z", true},
      {"Fleet", "game", "game-x2x4z", true},
      {"Fleet", "game", "game-3", true},
      {"Fleet", "game", "game-lobby-3", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.kind, row.target, row.pod);
    CHECK(Finds(row.kind, row.target, row.pod) == row.found);
  }
}

TEST_CASE("pods of a target with a very long name are found although their names are cut") {
  const std::string hash = "7d9f8c6b55";
  for (const std::size_t length : {46U, 47U, 48U, 50U, 57U, 58U, 63U}) {
    CAPTURE(length);
    const std::string target(length, 'a');
    // names.SimpleNameGenerator: the base is cut to 58, then five characters are added.
    const std::string pod = (target + "-" + hash + "-").substr(0, 58) + "x2x4z";
    CHECK(Finds("Deployment", target, pod));
  }
}

TEST_CASE("a selector names every target once, and escapes what users write") {
  const Grouping grouping{{"namespace", "service"}, PodNames::kNone};
  const std::vector<std::vector<std::string>> one = {{"shop", R"(a"} or vector(1) #)"}};
  CHECK(Selector(grouping, one) == R"(namespace="shop",service="a\"} or vector(1) #")");
  const std::vector<std::vector<std::string>> many = {
      {"shop", "cart"}, {"shop", "a.b|c"}, {"shop", "cart"}};
  CHECK(Selector(grouping, many) == R"(namespace="shop",service=~"a\\.b\\|c|cart")");
}
