#include "controller/kubernetes/own_write.hpp"

#include "support/catch.hpp"

namespace evenkeel {
namespace {

Workload Seen(std::string resource_version) {
  return {.kind = "Deployment",
          .key = {"shop", "checkout"},
          .uid = "d-1",
          .resource_version = std::move(resource_version),
          .generation = 7,
          .observed_generation = 7,
          .spec_replicas = 4,
          .status_replicas = 4,
          .updated_replicas = 4};
}

const OwnWrite kWrite{"d-1", "98", "102", 7};

TEST_CASE("own write: versions are compared as integers of any length") {
  for (const char* older : {"1", "98", "99", "101"}) CHECK(Precedes(Seen(older), kWrite));
  for (const char* newer : {"102", "103", "1000", "99999999999999999999999"}) {
    CHECK_FALSE(Precedes(Seen(newer), kWrite));
  }
}

TEST_CASE("own write: of versions that are no integers only the patched one is older") {
  const OwnWrite write{"d-1", "v-b", "v-c", 7};
  CHECK(Precedes(Seen("v-b"), write));
  for (const char* unknown : {"v-a", "v-c", "", "098", "5"}) {
    CHECK_FALSE(Precedes(Seen(unknown), write));
  }
}

TEST_CASE("own write: an object of the same name that was made anew is another") {
  Workload recreated = Seen("98");
  recreated.uid = "d-2";
  CHECK_FALSE(Precedes(recreated, kWrite));
}

TEST_CASE("own write: the workload shows it, and nobody has answered it yet") {
  Workload workload = Seen("98");
  REQUIRE_FALSE(RolloutInProgress(workload));
  Overlay(kWrite, workload);
  CHECK(workload.spec_replicas == 7);
  CHECK(workload.resource_version == "102");
  CHECK(workload.replicas_writer == ReplicasWriter{"evenkeel", true, {}});
  CHECK(RolloutInProgress(workload));
}

}  // namespace
}  // namespace evenkeel
