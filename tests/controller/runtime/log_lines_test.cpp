#include "controller/runtime/log_lines.hpp"

#include <nlohmann/json.hpp>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

constexpr TimePoint kTime{std::chrono::milliseconds(1'800'000'000'123)};

TEST_CASE("a text line quotes what would not read back as one word") {
  CHECK(TextLine("stopping", {}) == "stopping");
  CHECK(TextLine("x", {{"policy", "shop/a"}, {"error", "no answer"}, {"empty", ""}}) ==
        R"(x policy=shop/a error="no answer" empty="")");
}

TEST_CASE("no value can forge a second line") {
  CHECK(TextLine("x", {{"error", "a\ndecision policy=b"}}).find('\n') == std::string::npos);
  CHECK(JsonLine(kTime, LogLevel::kInfo, "x", {{"error", "a\nb"}}).find('\n') == std::string::npos);
}

TEST_CASE("a JSON line is one object with time, level, message and the keys") {
  const auto json = nlohmann::json::parse(
      JsonLine(kTime, LogLevel::kWarning, "watch interrupted", {{"resource", "pods"}}));
  CHECK(json == nlohmann::json{{"ts", "2027-01-15T08:00:00.123000Z"},
                               {"level", "warning"},
                               {"msg", "watch interrupted"},
                               {"resource", "pods"}});
}

TEST_CASE("bytes that are not UTF-8 are replaced and do not throw") {
  const auto json =
      nlohmann::json::parse(JsonLine(kTime, LogLevel::kInfo, "x", {{"error", "\xff"}}));
  CHECK(json["error"] == "\xEF\xBF\xBD");
}

TEST_CASE("a decision in JSON has every key of the decision") {
  Outcome outcome;
  outcome.decision.policy = {"shop", "checkout"};
  outcome.decision.reason = "WithinObjectives";
  outcome.round = 7;
  const auto json = nlohmann::json::parse(JsonDecisionLine(kTime, LogLevel::kInfo, outcome));
  CHECK(json["msg"] == "decision");
  CHECK(json["policy"] == "shop/checkout");
  CHECK(json["reason"] == "WithinObjectives");
  CHECK(json["round"] == 7);
}

}  // namespace
}  // namespace evenkeel
