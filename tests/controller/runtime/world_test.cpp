#include "controller/runtime/world.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/catch.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;

CustomObject Policy(const std::string& name, int most) {
  return {
      {"shop", name},
      json{{"metadata",
            {{"namespace", "shop"}, {"name", name}, {"uid", "p-" + name}, {"generation", most}}},
           {"spec",
            {{"targetRef", {{"name", name}}},
             {"maxReplicas", most},
             {"objectives", {{"latencyP99", "250ms"}}}}}}};
}

World Two() {
  World world;
  ListReplaced list;
  for (const char* name : {"a", "b"}) list.objects.emplace_back(Policy(name, 10));
  (void)world.Apply({ResourceKind::kScalingPolicies, std::move(list)});
  return world;
}

TEST_CASE("world: a policy that is deleted is the only one that changes") {
  World world = Two();
  const PolicyChanges changes =
      world.Apply({ResourceKind::kScalingPolicies, ObjectDeleted{{"shop", "a"}}});
  CHECK(changes.removed == std::vector<ObjectKey>{{"shop", "a"}});
  CHECK(changes.changed.empty());
  CHECK(changes.known.empty());
  CHECK(world.Find({"shop", "a"}) == nullptr);
  CHECK(world.Find({"shop", "b"}) != nullptr);
  CHECK(
      world.Apply({ResourceKind::kScalingPolicies, ObjectDeleted{{"shop", "a"}}}).removed.empty());
}

TEST_CASE("world: each spec has a revision of its own") {
  World world = Two();
  const auto of = [&](const char* name) { return world.Find({"shop", name})->revision; };
  const auto before = of("a");
  CHECK(before != of("b"));
  CustomObject reported = Policy("a", 10);
  reported.json["status"] = {{"desiredReplicas", 3}};
  (void)world.Apply({ResourceKind::kScalingPolicies, ObjectUpserted{reported}});
  CHECK(of("a") == before);
  (void)world.Apply({ResourceKind::kScalingPolicies, ObjectUpserted{Policy("a", 11)}});
  CHECK(of("a") != before);
}

}  // namespace
}  // namespace evenkeel
