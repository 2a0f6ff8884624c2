#include "controller/runtime/yaml.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "support/catch.hpp"

using namespace evenkeel;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

json One(const std::string& text) {
  const auto documents = YamlToJson(text);
  if (!documents) FAIL(documents.error().message);
  REQUIRE(documents->size() == 1);
  return documents->front();
}

std::string Fault(const std::string& text) {
  const auto documents = YamlToJson(text);
  REQUIRE_FALSE(documents);
  CHECK(documents.error().kind == ErrorKind::kInvalid);
  return documents.error().message;
}

}  // namespace

TEST_CASE("a plain scalar is what kubectl takes it for") {
  const auto [text, value] =
      GENERATE(table<std::string, std::string>({{"", "null"},
                                                {"~", "null"},
                                                {"Null", "null"},
                                                {"true", "true"},
                                                {"False", "false"},
                                                {"yes", "true"},
                                                {"Off", "false"},
                                                {"n", "false"},
                                                {"tRUE", R"("tRUE")"},
                                                {"3", "3"},
                                                {"-3", "-3"},
                                                {"+3", "3"},
                                                {"0x1F", "31"},
                                                {"0o17", "15"},
                                                {"010", "8"},
                                                {"0b11", "3"},
                                                {"1_000", "1000"},
                                                {"-9223372036854775808", "-9223372036854775808"},
                                                {"18446744073709551615", "18446744073709551615"},
                                                {"0.5", "0.5"},
                                                {".5", "0.5"},
                                                {"5.", "5.0"},
                                                {"1e3", "1000.0"},
                                                {"-1.5E-1", "-0.15"},
                                                {"250ms", R"("250ms")"},
                                                {"1%", R"("1%")"},
                                                {"1.2.3", R"("1.2.3")"},
                                                {"+", R"("+")"},
                                                {"0x", R"("0x")"},
                                                {"2026-01-31", R"("2026-01-31")"},
                                                {"1e999", R"("1e999")"},
                                                {"café", R"("café")"},
                                                {"_1", R"("_1")"}}));
  CAPTURE(text);
  CHECK(One("k: " + text)["k"].dump() == value);
}

TEST_CASE("what is quoted or a block is a string") {
  const std::string text =
      GENERATE("k: '1'", "k: \"1\"", "k: |-\n  1\n", "k: >-\n  1\n", "k: !!str 1");
  CAPTURE(text);
  CHECK(One(text)["k"] == "1");
}

TEST_CASE("explicit core tags are honoured, others refused") {
  CHECK(One("k: !!float 3")["k"].dump() == "3.0");
  CHECK(One("k: !!int 3")["k"] == 3);
  CHECK_THAT(Fault("k: !!int x"), Contains("line 1, column 4") && Contains("'x'"));
  CHECK_THAT(Fault("k: !!python/object x"), Contains("'x' cannot be read as"));
  CHECK_THAT(Fault("k: !secret x"), Contains("!secret"));
}

TEST_CASE("all documents are returned, empty ones left out") {
  const auto documents = YamlToJson("---\na: 1\n---\n# nothing\n---\nb: [2, {c: 3}]\n---\n");
  REQUIRE(documents);
  CHECK(json(*documents) == json::parse(R"([{"a":1},{"b":[2,{"c":3}]}])"));
  CHECK(YamlToJson("")->empty());
  CHECK(YamlToJson("# only a comment\n")->empty());
  CHECK(YamlToJson(R"({"json": ["is", "YAML", 1.5, null]})")->front()["json"].size() == 4);
}

TEST_CASE("keys become strings") {
  CHECK(One("{y: a}") == json::parse(R"({"true":"a"})"));  // kubectl's, too
  CHECK(One("{1: a, true: b, 'x y': c}") == json::parse(R"({"1":"a","true":"b","x y":"c"})"));
  CHECK_THAT(Fault("~: a"), Contains("key"));
  CHECK_THAT(Fault("[1]: a"), Contains("key"));
}

TEST_CASE("a duplicate key is refused at its place") {
  CHECK_THAT(Fault("spec:\n  name: a\n  name: b\n"),
             Catch::Equals("line 3, column 3: duplicate key 'name'"));
  CHECK_THAT(Fault("{1: a, '1': b}"), Contains("duplicate key '1'"));
}

TEST_CASE("syntax errors give line and column") {
  CHECK_THAT(Fault("a: 1\nb: [1, 2\n"), Contains("line ") && Contains("column "));
  CHECK_THAT(Fault("a: 1\n\tb: 2\n"), Contains("line 2"));
  CHECK_THAT(Fault("a: b: c"), Contains("line 1"));
}

TEST_CASE("aliases and merge keys work") {
  CHECK(One("base: &b {a: 1, b: 2}\nthis: {<<: *b, b: 3}\nlist: [*b]\n")["this"] ==
        json::parse(R"({"a":1,"b":3})"));
  CHECK(One("a: &a {x: 1}\nb: &b {x: 2, z: 2}\nc: {<<: [*a, *b]}\n")["c"] ==
        json::parse(R"({"x":1,"z":2})"));
  CHECK_THAT(Fault("a: {<<: 1}"), Contains("<<"));
  CHECK(One("a: {'<<': 1}")["a"]["<<"] == 1);
}

TEST_CASE("a few lines that mean billions of values are refused") {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 1; k < 10; ++k) text += ", " + before;
    text += "]\n";
  }
  CHECK_THAT(Fault(text), Contains("more than 1000000 values"));
}

TEST_CASE("depth, size and encoding are bounded") {
  CHECK_THAT(Fault(std::string(200, '[') + std::string(200, ']')), Contains("nested"));
  CHECK_FALSE(YamlToJson(std::string(100'000, '[')));
  CHECK_THAT(Fault("a: &a [*a]"), Contains("nested"));
  CHECK_THAT(Fault(std::string((4 << 20) + 1, ' ')), Contains("4 MiB"));
  CHECK_THAT(Fault("a: \xff"), Contains("UTF-8"));
  CHECK_THAT(Fault("a: .inf"), Contains("line 1, column 4") && Contains("finite"));
}
