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

TEST_CASE("nesting is bounded in the kept and in the dropped part") {
  CHECK(ParseFiltered(Nested(kMaxJsonDepth), Shape::AllBut({})));
  CHECK_FALSE(ParseFiltered(Nested(kMaxJsonDepth + 1), Shape::AllBut({})));
  CHECK(ParseFiltered("{\"x\":" + Nested(kMaxJsonDepth - 1) + "}", Shape::Only({"a"})));
  const auto deep = ParseFiltered("{\"x\":" + Nested(kMaxJsonDepth) + "}", Shape::Only({"a"}));
  REQUIRE_FALSE(deep);
  CHECK(deep.error().message == "JSON is nested deeper than 100 levels");
}

}  // namespace
}  // namespace evenkeel
