#include "controller/runtime/scale_reader.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/scripted_transport.hpp"

namespace evenkeel {
namespace {

using test::Exchange;
using test::ScriptedTransport;

ScalingPolicy PolicyOf(const std::string& name) {
  ScalingPolicy policy;
  policy.key = {"shop", name};
  policy.target_ref = {"argoproj.io/v1alpha1", "Rollout", name};
  return policy;
}

// An API server that knows the kind of Rollouts, and of whose scales none comes.
Exchange Discovery(const HttpRequest& request) {
  if (request.target.find("/scale") != std::string::npos) {
    return {.error = Error{ErrorKind::kTimeout, "no answer within 10 s", {}}};
  }
  return {.body = R"({"groupVersion": "argoproj.io/v1alpha1", "resources": [
      {"name": "rollouts", "kind": "Rollout", "namespaced": true, "verbs": ["get"]},
      {"name": "rollouts/scale", "kind": "Scale", "group": "autoscaling", "version": "v1",
       "namespaced": true, "verbs": ["get", "patch"]}]})"};
}

TEST_CASE("scale reader: two objects that miss their deadline end the round's reads") {
  ScriptedTransport kube(Discovery);
  ScaleReader scales(kube);
  for (const char* name : {"a", "b", "c", "d"}) {
    const auto read = scales.Read(PolicyOf(name), {});
    REQUIRE_FALSE(read);
    const bool tried = std::string(name) < "c";
    CHECK(read.error().kind == (tried ? ErrorKind::kTimeout : ErrorKind::kCancelled));
    if (!tried) CHECK_THAT(read.error().message, Catch::StartsWith("not tried: "));
  }
  CHECK(kube.requests().size() == 3);  // the discovery, and two reads
  scales.BeginRound();
  CHECK(scales.Read(PolicyOf("c"), {}).error().kind == ErrorKind::kTimeout);
}

TEST_CASE("scale reader: a group whose server hangs is asked once in a round") {
  ScriptedTransport kube([](const HttpRequest&) {
    return Exchange{.error = Error{ErrorKind::kTimeout, "no answer within 10 s", {}}};
  });
  ScaleReader scales(kube);
  for (const char* kind : {"Rollout", "Rollout", "Experiment"}) {
    ScalingPolicy policy = PolicyOf("a");
    policy.target_ref.kind = kind;
    CHECK(scales.Read(policy, {}).error().kind == ErrorKind::kTimeout);
  }
  CHECK(kube.requests().size() == 1);
  scales.BeginRound();
  CHECK_FALSE(scales.Read(PolicyOf("a"), {}));
  CHECK(kube.requests().size() == 2);
}

TEST_CASE("scale reader: one object that never answers keeps no other from being read") {
  ScriptedTransport kube(Discovery);
  ScaleReader scales(kube);
  for (int i = 0; i < 3; ++i) {
    CHECK(scales.Read(PolicyOf("a"), {}).error().kind == ErrorKind::kTimeout);
  }
}

}  // namespace
}  // namespace evenkeel
