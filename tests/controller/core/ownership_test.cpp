#include "controller/core/ownership.hpp"

#include <chrono>
#include <string>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

TimePoint Second(int second) { return TimePoint{std::chrono::seconds{second}}; }

// shop/checkout for Deployment checkout, created in second 100.
ScalingPolicy Checkout(Mode mode = Mode::kEnforce) {
  ScalingPolicy policy;
  policy.key = {"shop", "checkout"};
  policy.target_ref.name = "checkout";
  policy.created = Second(100);
  policy.mode = mode;
  return policy;
}

Owner Other(std::string kind, std::string name, int created) {
  return {std::move(kind),
          {"shop", std::move(name)},
          {"apps/v1", "Deployment", "checkout"},
          Second(created)};
}

TEST_CASE("who owns a target") {
  struct Row {
    std::string what;
    Mode mode;
    Owner owner;
    bool conflicts;
  };
  const Mode enforce = Mode::kEnforce;
  Owner other_namespace = Other("HorizontalPodAutoscaler", "hpa", 0);
  other_namespace.key.namespace_name = "blog";
  Owner other_name = Other("HorizontalPodAutoscaler", "hpa", 0);
  other_name.target.name = "cart";
  Owner other_kind = Other("HorizontalPodAutoscaler", "hpa", 0);
  other_kind.target.kind = "StatefulSet";
  Owner other_group = Other("HorizontalPodAutoscaler", "hpa", 0);
  other_group.target.api_version = "argoproj.io/v1alpha1";
  Owner other_version = Other("HorizontalPodAutoscaler", "hpa", 200);
  other_version.target.api_version = "apps/v1beta1";
  Owner core_group = Other("HorizontalPodAutoscaler", "hpa", 0);
  core_group.target.api_version = "v1";
  const auto row = GENERATE_COPY(values<Row>({
      {"itself", enforce, Other("ScalingPolicy", "checkout", 100), false},
      {"an older policy", enforce, Other("ScalingPolicy", "zebra", 99), true},
      {"a younger policy", enforce, Other("ScalingPolicy", "aaa", 101), false},
      {"as old, earlier name", enforce, Other("ScalingPolicy", "aaa", 100), true},
      {"as old, later name", enforce, Other("ScalingPolicy", "zebra", 100), false},
      {"an older HPA", enforce, Other("HorizontalPodAutoscaler", "hpa", 0), true},
      {"a younger HPA", enforce, Other("HorizontalPodAutoscaler", "hpa", 200), true},
      {"an HPA of the same name", enforce, Other("HorizontalPodAutoscaler", "checkout", 100), true},
      {"a ScaledObject", enforce, Other("ScaledObject", "so", 200), true},
      {"an HPA, but we observe", Mode::kObserve, Other("HorizontalPodAutoscaler", "hpa", 0), false},
      {"an older policy, but we observe", Mode::kObserve, Other("ScalingPolicy", "a", 0), false},
      {"another namespace", enforce, other_namespace, false},
      {"another name", enforce, other_name, false},
      {"another kind", enforce, other_kind, false},
      {"another group", enforce, other_group, false},
      {"the core group", enforce, core_group, false},
      {"another version of the group", enforce, other_version, true},
  }));
  INFO(row.what);
  const auto obstacle = FindConflict(Checkout(row.mode), {row.owner});
  REQUIRE(obstacle.has_value() == row.conflicts);
  if (obstacle) {
    CHECK(obstacle->reason == "ConflictingOwner");
    CHECK(obstacle->message.find(row.owner.kind + " " + row.owner.key.name) != std::string::npos);
  }
}

TEST_CASE("nobody else means no conflict") { CHECK_FALSE(FindConflict(Checkout(), {})); }

TEST_CASE("of several owners the same one is named, whatever their order") {
  const Owner scaled = Other("ScaledObject", "keda", 300);
  const Owner hpa = Other("HorizontalPodAutoscaler", "keda-hpa", 200);
  const Owner older = Other("ScalingPolicy", "older", 1);
  const auto one = FindConflict(Checkout(), {scaled, hpa, older});
  const auto two = FindConflict(Checkout(), {older, hpa, scaled});
  REQUIRE(one.has_value());
  CHECK(one == two);
  CHECK(one->message ==
        "Deployment/checkout is already scaled by ScaledObject keda; delete one of them, or set "
        "mode: Observe here");
  CHECK(FindConflict(Checkout(), {older})->message.find("the older ScalingPolicy older") !=
        std::string::npos);
}

}  // namespace
}  // namespace evenkeel
