#include "controller/kubernetes/json_filter.hpp"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;

json Filtered(const std::string& text, const Shape& shape) {
  const auto parsed = ParseFiltered(text, shape);
  REQUIRE(parsed);
  return *parsed;
}

std::string Nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST_CASE("only the named fields are kept") {
  const Shape shape = Shape::Only({"metadata.name", "spec.replicas", "status.conditions"});
  CHECK(Filtered(R"({"metadata": {"name": "a", "labels": {"name": "x"}, "managedFields": [{}, {}]},
                     "spec": {"template": {"spec": {"replicas": 5}}, "replicas": 3},
                     "status": {"conditions": [{"type": "A", "more": {"deep": [1, null, 2.5]}}]},
                     "data": "x"})",
                 shape) == json::parse(R"({"metadata": {"name": "a"}, "spec": {"replicas": 3},
                        "status": {"conditions": [{"type": "A",
                                                   "more": {"deep": [1, null, 2.5]}}]}})"));
}

TEST_CASE("a path through an array filters each element") {
  const Shape shape = Shape::Only({"conditions.type"});
  CHECK(Filtered(R"({"conditions": [{"type": "A", "x": {"y": 1}}, {"z": [1]}, {"type": "B"}]})",
                 shape) == json::parse(R"({"conditions": [{"type": "A"}, {}, {"type": "B"}]})"));
}

TEST_CASE("everything but the named fields is kept") {
  const Shape shape = Shape::AllBut({"metadata.managedFields", "metadata.annotations"});
  CHECK(Filtered(R"({"metadata": {"annotations": {"a": "b"}, "name": "a", "managedFields": [1]},
                     "spec": {"metadata": {"annotations": true}}, "list": [[], [{"x": 1}]]})",
                 shape) == json::parse(R"({"metadata": {"name": "a"},
                        "spec": {"metadata": {"annotations": true}}, "list": [[], [{"x": 1}]]})"));
}

TEST_CASE("the shape of a list is put around that of its items") {
  const Shape shape =
      Shape::Only({"metadata.continue"}).With("items", Shape::Only({"metadata.name"}));
  CHECK(Filtered(R"({"kind": "L", "metadata": {"continue": "c", "x": 1},
                     "items": [{"metadata": {"name": "a", "uid": "u"}}, {"spec": {}}]})",
                 shape) == json::parse(R"({"metadata": {"continue": "c"},
                        "items": [{"metadata": {"name": "a"}}, {}]})"));
}

TEST_CASE("a scalar where an object is expected is kept for the reader to judge") {
  CHECK(Filtered(R"({"status": "Failure"})", Shape::Only({"status.replicas"})) ==
        json::parse(R"({"status": "Failure"})"));
}

TEST_CASE("JSON that is cut anywhere is malformed") {
  const std::string text = R"({"metadata":{"name":"Gr\u00fc\u00dfe"},"dropped":[1,{"a":"b"}]})";
  const Shape shape = Shape::Only({"metadata.name"});
  REQUIRE(ParseFiltered(text, shape));
  for (std::size_t length = 0; length < text.size(); ++length) {
    const auto parsed = ParseFiltered(text.substr(0, length), shape);
    REQUIRE_FALSE(parsed);
    REQUIRE(parsed.error().kind == ErrorKind::kMalformed);
    REQUIRE_FALSE(parsed.error().message.empty());
  }
}

TEST_CASE("what is nested too deep is replaced, and nothing beside it is lost") {
  const auto deepest = [](std::size_t levels) {
    nlohmann::json value = ParseFiltered(Nested(levels), Shape::AllBut({})).value();
    while (value.is_structured() && !value.empty()) value = nlohmann::json(value.front());
    return value;
  };
  CHECK(deepest(kMaxJsonDepth).is_structured());
  CHECK(deepest(kMaxJsonDepth + 1) == "(nested deeper than 100 levels)");
  CHECK(deepest(9'000) == "(nested deeper than 100 levels)");  // the API server takes 10,000
  const auto list =
      ParseFiltered("[{\"x\":" + Nested(5'000) + ",\"y\":1},{\"y\":2}]", Shape::AllBut({}));
  REQUIRE(list);
  CHECK((*list)[0]["y"] == 1);
  CHECK((*list)[1]["y"] == 2);
  const auto dropped = ParseFiltered("{\"x\":" + Nested(5'000) + ",\"a\":1}", Shape::Only({"a"}));
  REQUIRE(dropped);
  CHECK(*dropped == nlohmann::json{{"a", 1}});
}

}  // namespace
}  // namespace evenkeel
