#include "policies/slo_memory.hpp"

#include <chrono>

#include "support/catch.hpp"

namespace evenkeel::slo {
namespace {

using std::chrono::seconds;

constexpr TimePoint kNow{seconds(1'800'000'000)};

Memory Full() {
  return {Mark{kNow - seconds(10), 3, 5},
          Mark{kNow - seconds(20), 4},
          Mark{kNow - seconds(30), 5},
          Mark{kNow - seconds(50), 6},
          Mark{kNow - seconds(400), 7, 6},
          kNow - seconds(40),
          Model{kNow - seconds(15),
                4.25,
                -0.01,
                0.1,
                0.55,
                0.012,
                0.015,
                0,
                0.02,
                0.05,
                0.03,
                0.015,
                0.01,
                425,
                430,
                kNow - seconds(17),
                kNow - seconds(15),
                6.5,
                15.5,
                2.5,
                1,
                {{kNow - seconds(31), 12}, {kNow - seconds(16), 14.5}}},
          Ascent{kNow - seconds(90), 4, 2.5, 300, 0.65},
          Ascent{kNow - seconds(95), 5, 1.5, 310, 0.66},
          Probe{kNow - seconds(80), 4, 5, 2.4, 310, 1200, 3},
          Peak{kNow - seconds(500), 4.5},
          LateRequests{kNow - seconds(15), 50, 20, 9000, 3},
          Remembered{kNow - seconds(600), 0.55},
          Pace{kNow - seconds(16), 40, 400, 410},
          Limit{kNow - seconds(700), 66},
          Recurrence{kNow - seconds(200), 900}};
}

TEST_CASE("memory: what is written is read again") {
  CHECK(ReadMemory(ToJson(Full()), kNow) == Full());
  CHECK(ReadMemory(nlohmann::json::parse(ToJson(Full()).dump()), kNow) == Full());
  CHECK(ReadMemory(ToJson(Memory{}), kNow) == Memory{});
}

TEST_CASE("memory: what makes no sense was never remembered") {
  for (const char* junk : {"null", "7", "[]", "\"x\"", "{}", R"({"step": 5, "model": []})",
                           R"({"step": {"at": "x", "from": 1}, "queue": 1.5})",
                           R"({"step": {"at": 5}, "model": {"at": 5, "level": 1}})",
                           R"({"model": {"level": 1, "trend": 0}})",
                           R"({"lasting": {"late": {"at": 5, "weight": 1, "idle": 2, "requests": 1,
                                                    "late": 0}}})",
                           R"({"lasting": {"late": {"at": 5, "weight": 1, "idle": 1, "requests": 1,
                                                    "late": 2}}})",
                           R"({"lasting": {"ceiling": {"at": 5}}})", R"({"lasting": 5})"}) {
    CAPTURE(junk);
    CHECK(ReadMemory(nlohmann::json::parse(junk), kNow) == Memory{});
  }
}

TEST_CASE("memory: a mark of a version that did not tell its target is one without a target") {
  nlohmann::json json = ToJson(Full());
  json["step"].erase("to");
  Memory expected = Full();
  expected.step->to = 0;
  CHECK(ReadMemory(json, kNow) == expected);
}

TEST_CASE("memory: a model of a version that knew less of it is kept") {
  nlohmann::json json = ToJson(Full());
  for (const char* later :
       {"climb", "climbsBy", "leap", "leaps", "due", "gathered", "gatheredFor"}) {
    json["model"].erase(later);
  }
  json["probe"].erase("back");
  Memory expected = Full();
  Model& model = *expected.model;
  model.climb = model.climbs_by = model.leap = model.leaps = 0;
  model.due = model.gathered = model.gathered_for = 0;
  expected.probe->back = 0;
  CHECK(ReadMemory(json, kNow) == expected);
}

TEST_CASE("memory: what was in flight is a list of times and numbers, oldest first, or unknown") {
  for (const char* junk : {"7", "{}", "[7]", "[[5]]", R"([["x", 1]])", R"([[5, "x"]])",
                           "[[5, 1, 2]]", "[[6, 1], [5, 1]]", "[[5, 1], [6]]", "[[5, null]]"}) {
    CAPTURE(junk);
    nlohmann::json json = ToJson(Full());
    json["model"]["inFlight"] = nlohmann::json::parse(junk);
    Memory expected = Full();
    expected.model->in_flight.clear();
    CHECK(ReadMemory(json, kNow) == expected);
  }
}

TEST_CASE("memory: one part that makes no sense does not take the others along") {
  nlohmann::json json = ToJson(Full());
  json["model"]["level"] = "many";
  Memory expected = Full();
  expected.model.reset();
  CHECK(ReadMemory(json, kNow) == expected);
}

TEST_CASE("memory: what lies in the future was now") {
  const Memory memory = ReadMemory(ToJson(Full()), kNow - seconds(3600));
  CHECK(memory.step->at == kNow - seconds(3600));
  CHECK(memory.model->at == kNow - seconds(3600));
}

}  // namespace
}  // namespace evenkeel::slo
