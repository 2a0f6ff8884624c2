#include "controller/core/history.hpp"

#include "support/catch.hpp"

namespace evenkeel {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TimePoint kNow{milliseconds(1'800'000'000'000)};  // 2027-01-15T08:00:00Z

TEST_CASE("pruning drops what is as old as its window, and nothing younger") {
  History history{.recommendations = {{kNow - seconds(300), 1}, {kNow - seconds(299), 2}},
                  .scale_events = {{kNow - seconds(60), 1, 2}, {kNow - seconds(59), 2, 3}}};
  Prune(history, kNow, seconds(300), seconds(60));
  CHECK(history.recommendations == std::vector<Recommendation>{{kNow - seconds(299), 2}});
  CHECK(history.scale_events == std::vector<ScaleEvent>{{kNow - seconds(59), 2, 3}});
}

TEST_CASE("after the clock was set back the past counts as made now") {
  History history{.recommendations = {{kNow + seconds(3600), 9}}};
  Prune(history, kNow, seconds(300), seconds(60));
  CHECK(history.recommendations == std::vector<Recommendation>{{kNow, 9}});
  Prune(history, kNow + seconds(300), seconds(300), seconds(60));
  CHECK(history.recommendations.empty());
}

TEST_CASE("a new controller takes scale events and memory from the status") {
  const auto status = nlohmann::json::parse(R"({
    "scaleEvents": [{"time": "2027-01-15T07:59:50Z", "from": 4, "to": 7},
                    {"time": "2027-01-15T07:59:20Z", "from": 2, "to": 4}],
    "memory": {"slo": {"step": 5}}})");
  const History history = RestoreHistory(status);
  CHECK(history.scale_events ==
        std::vector<ScaleEvent>{{kNow - seconds(40), 2, 4}, {kNow - seconds(10), 4, 7}});
  CHECK(history.memory.at("slo") == nlohmann::json{{"step", 5}});
  CHECK(history.recommendations.empty());
}

TEST_CASE("a status that makes no sense is no obstacle") {
  for (const char* text :
       {"null", "[]", R"({"scaleEvents": 5})", R"({"scaleEvents": [1, {}]})",
        R"({"scaleEvents": [{"time": "never", "from": 1, "to": 2}]})",
        R"({"scaleEvents": [{"time": 1, "from": "a", "to": 2}], "memory": []})"}) {
    INFO(text);
    const History history = RestoreHistory(nlohmann::json::parse(text));
    CHECK(history.scale_events.empty());
    CHECK(history.memory.empty());
  }
}

}  // namespace
}  // namespace evenkeel
