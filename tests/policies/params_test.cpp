#include "policies/params.hpp"

#include <cmath>
#include <string>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;

std::string Fault(const Params& params) {
  const Status done = params.Finish();
  return done ? "" : done.error().message;
}

TEST_CASE("given parameters are read, absent ones have their fallback") {
  const json given = {{"signal", "queueDepth"}, {"target", 100}, {"type", "AverageValue"}};
  Params params(given);
  CHECK(params.String("signal") == "queueDepth");
  CHECK(params.Number("target", {.min = 0, .min_exclusive = true}) == 100);
  CHECK(params.OneOf("type", {"Value", "AverageValue"}, "Value") == "AverageValue");
  CHECK(params.Number("step", {.min = 0, .max = 1}, 0.5) == 0.5);
  CHECK(params.String("label", "none") == "none");
  CHECK(params.OneOf("round", {"Up", "Down"}, "Up") == "Up");
  CHECK(Fault(params).empty());
}

TEST_CASE("no params at all count as an empty object") {
  const json none;
  Params params(none);
  CHECK(params.Number("target", {}, 5.0) == 5.0);
  CHECK(Fault(params).empty());
}

TEST_CASE("a null parameter counts as absent") {
  const json given = {{"target", nullptr}};
  Params params(given);
  CHECK(params.Number("target", {}, 5.0) == 5.0);
  CHECK(Fault(params).empty());
}

TEST_CASE("a wrong number is refused with its range and what was given") {
  const Range above{.min = 0, .min_exclusive = true};
  const auto [given, range, message] = GENERATE_COPY(table<json, Range, std::string>({
      {json(0), above, "params.target: must be a number above 0; got 0"},
      {json(-1.5), above, "params.target: must be a number above 0; got -1.5"},
      {json(2), Range{.min = 0, .max = 1},
       "params.target: must be a number of at least 0 and at most 1; got 2"},
      {json("100"), above, "params.target: must be a number above 0, without quotes; got \"100\""},
      {json(true), Range{.max = 3}, "params.target: must be a number of at most 3; got true"},
      {json::array({1}), Range{}, "params.target: must be a number; got [1]"},
      {json(std::nan("")), Range{}, "params.target: must be a number; got null"},
      {json(INFINITY), Range{}, "params.target: must be a number; got null"},
  }));
  const json object = {{"target", given}};
  Params params(object);
  CHECK(params.Number("target", range) == 0);
  CHECK(Fault(params) == message);
}

TEST_CASE("the ends of a range belong to it unless the lower one is excluded") {
  const json object = {{"low", 1}, {"high", 2}};
  Params params(object);
  CHECK(params.Number("low", {.min = 1, .max = 2}) == 1);
  CHECK(params.Number("high", {.min = 1, .max = 2}) == 2);
  CHECK(Fault(params).empty());
}

TEST_CASE("a percentage is a number of percent, or a text with the sign") {
  for (const json& given : {json(70), json(70.0), json("70%")}) {
    const json object = {{"target", given}};
    Params params(object);
    CHECK(params.Percent("target", 100) == 70);
    CHECK(Fault(params).empty());
  }
  for (const json& given : {json("70"), json("70 %"), json("%"), json("-1%"), json("nan%"), json(0),
                            json("100.1%"), json(true)}) {
    const json object = {{"target", given}};
    Params params(object);
    CHECK(params.Percent("target", 100) == 0);
    CHECK(Fault(params).find("params.target: must be a percentage above 0% and at most 100%, such "
                             "as \"70%\" or 70; got ") == 0);
  }
}

TEST_CASE("a missing required parameter is named") {
  const json none = json::object();
  Params number(none);
  CHECK(number.Number("target", {}) == 0);
  CHECK(Fault(number) == "params.target: is required");
  Params string(none);
  CHECK(string.String("signal").empty());
  CHECK(Fault(string) == "params.signal: is required");
  Params word(none);
  CHECK(word.OneOf("type", {"Value"}).empty());
  CHECK(Fault(word) == "params.type: is required");
}

TEST_CASE("strings must be strings, and not empty") {
  const auto [given, message] = GENERATE(table<json, std::string>({
      {json(5), "params.signal: must be a non-empty string; got 5"},
      {json(""), "params.signal: must be a non-empty string; got \"\""},
  }));
  const json object = {{"signal", given}};
  Params params(object);
  CHECK(params.String("signal").empty());
  CHECK(Fault(params) == message);
}

TEST_CASE("an unsupported word is refused with what is supported, and the likely one") {
  const json object = {{"type", "Averagevalue"}};
  Params params(object);
  CHECK(params.OneOf("type", {"Value", "AverageValue"}).empty());
  CHECK(Fault(params) ==
        "params.type: unsupported value \"Averagevalue\"; supported values: \"Value\", "
        "\"AverageValue\"; did you mean \"AverageValue\"?");
}

TEST_CASE("a parameter that nobody asked for is refused by name") {
  const json object = {{"target", 1}, {"sginal", "x"}};
  Params params(object);
  CHECK(params.Number("target", {}) == 1);
  CHECK(params.String("signal", "y") == "y");
  CHECK(Fault(params) ==
        "params.sginal: unknown parameter; known are: \"signal\", \"target\"; did you mean "
        "\"signal\"?");
  Params module_without_params(object);
  CHECK(Fault(module_without_params) == "params.sginal: unknown parameter; this module has none");
}

TEST_CASE("the first fault wins") {
  const json object = {{"a", "x"}, {"b", "y"}};
  Params params(object);
  CHECK(params.Number("a", {}) == 0);
  CHECK(params.Number("b", {}) == 0);
  CHECK(Fault(params).starts_with("params.a: "));
}

TEST_CASE("params that are not an object are refused") {
  const json list = json::array({1, 2});
  Params params(list);
  CHECK(params.Number("target", {}, 3.0) == 3.0);
  CHECK(Fault(params) == "params: must be an object; got [1,2]");
}

TEST_CASE("a huge value is not repeated in full") {
  const json object = {{"target", std::string(10'000, 'x')}};
  Params params(object);
  CHECK(params.Number("target", {}) == 0);
  CHECK(Fault(params).size() < 200);
}

}  // namespace
}  // namespace evenkeel
