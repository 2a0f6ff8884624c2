#include "controller/core/spec_reader.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;

constexpr NumberRule kShare{0, 1, "must be from 0 to 1"};

std::vector<std::string> Words(const std::vector<FieldError>& faults) {
  std::vector<std::string> words;
  for (const FieldError& fault : faults) words.push_back(fault.ToString());
  return words;
}

TEST_CASE("spec reader: a number is a plain one within its range") {
  const json given = {{"whole", 1}, {"part", 0.25}, {"above", 1.01}, {"text", "1"}, {"flag", true}};
  std::vector<FieldError> faults;
  SpecObject spec(given, "spec", faults);
  CHECK(spec.Number("whole", kShare) == 1);
  CHECK(spec.Number("part", kShare) == 0.25);
  CHECK_FALSE(spec.Number("absent", kShare));
  CHECK(faults.empty());
  CHECK_FALSE(spec.Number("above", kShare));
  CHECK_FALSE(spec.Number("text", kShare));
  CHECK_FALSE(spec.Number("flag", kShare));
  CHECK(Words(faults) == std::vector<std::string>{
                             "spec.above: must be from 0 to 1; got 1.01",
                             "spec.text: must be of type number; got \"1\"",
                             "spec.flag: must be of type number; got true",
                         });
}

TEST_CASE("spec reader: null is told apart from absent where one asks") {
  const json given = {{"null", nullptr}, {"given", 0}};
  std::vector<FieldError> faults;
  SpecObject spec(given, "", faults);
  CHECK(spec.GivenNull("null"));
  CHECK_FALSE(spec.GivenNull("given"));
  CHECK_FALSE(spec.GivenNull("absent"));
  spec.RefuseUnknown();
  CHECK(faults.empty());
}

TEST_CASE("spec reader: items of a list are read as fields, and faults have their index") {
  const json given = {{"rate", {{0, 0.5}, {1, "x"}, 7}}, {"text", "[]"}, {"long", {1, 2, 3}}};
  std::vector<FieldError> faults;
  SpecObject spec(given, "", faults);
  std::vector<double> read;
  const auto pairs = [&](SpecObject& points, std::size_t size) {
    CHECK(size == 3);
    for (const std::string point : {"[0]", "[1]", "[2]"}) {
      points.Items(point, 2, [&](SpecObject& pair, std::size_t) {
        read.push_back(pair.Number("[1]", kShare).value_or(-1));
      });
    }
  };
  const auto never = [](SpecObject&, std::size_t) { FAIL("nothing to read"); };
  CHECK(spec.Items("rate", 3, pairs));
  CHECK(read == std::vector<double>{0.5, -1});
  CHECK_FALSE(spec.Items("text", 2, never));
  CHECK_FALSE(spec.Items("long", 2, never));
  CHECK_FALSE(spec.Items("absent", 2, never));
  CHECK(Words(faults) == std::vector<std::string>{
                             "rate[1][1]: must be of type number; got \"x\"",
                             "rate[2]: must be of type array; got 7",
                             "text: must be of type array; got \"[]\"",
                             "long: Too many: 3: must have at most 2 items",
                         });
}

}  // namespace
}  // namespace evenkeel
