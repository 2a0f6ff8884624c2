#include "controller/kubernetes/managed_fields.hpp"

#include "controller/core/time_format.hpp"
#include "support/catch.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;

json Entry(const std::string& manager, const std::string& time, const std::string& subresource = "",
           const std::string& field = "f:replicas") {
  json entry = {{"manager", manager},
                {"operation", "Update"},
                {"time", time},
                {"fieldsV1", {{"f:spec", {{field, json::object()}}}}}};
  if (!subresource.empty()) entry["subresource"] = subresource;
  return entry;
}

json Object(const std::vector<json>& entries) {
  return {{"metadata", {{"managedFields", entries}}}};
}

constexpr const char* kEarly = "2026-11-23T09:30:00Z";
constexpr const char* kLate = "2026-11-23T09:31:00Z";

TEST_CASE("managed fields: the owner of spec.replicas is named, with its time") {
  const auto writer = FindReplicasWriter(Object({
      Entry("kubectl-client-side-apply", kEarly, "", "f:template"),
      Entry("kubectl", kEarly, "scale"),
      Entry("kube-controller-manager", kLate, "status", "f:paused"),
  }));
  CHECK(writer == ReplicasWriter{"kubectl", false, *ParseTime(kEarly)});
}

TEST_CASE("managed fields: of several owners the newest is named") {
  const json a = Entry("argocd", kLate);
  const json b = Entry("helm", kEarly);
  CHECK(FindReplicasWriter(Object({a, b}))->manager == "argocd");
  CHECK(FindReplicasWriter(Object({b, a}))->manager == "argocd");
}

TEST_CASE("managed fields: while we own the field the number is ours, whoever else applied it") {
  const json ours = Entry("evenkeel", kEarly, "scale");
  const json theirs = Entry("argocd", kLate);
  CHECK(FindReplicasWriter(Object({ours, theirs}))->ours);
  CHECK(FindReplicasWriter(Object({theirs, ours}))->ours);
}

TEST_CASE("managed fields: a manifest that is applied under our name is not our doing") {
  const auto writer = FindReplicasWriter(Object({Entry("evenkeel", kEarly)}));
  CHECK(writer == ReplicasWriter{"evenkeel", false, *ParseTime(kEarly)});
}

TEST_CASE("managed fields: without a time, or without an owner, nothing is made up") {
  json timeless = Entry("kubectl", kEarly);
  timeless.erase("time");
  CHECK(FindReplicasWriter(Object({timeless})) == ReplicasWriter{"kubectl", false, {}});
  CHECK_FALSE(FindReplicasWriter(Object({})));
  CHECK_FALSE(FindReplicasWriter(Object({Entry("kubectl", kEarly, "", "f:template")})));
  CHECK_FALSE(FindReplicasWriter(json::parse(R"({"metadata": {"managedFields": 5}})")));
  CHECK_FALSE(FindReplicasWriter(json::parse(R"({"metadata": {"managedFields": [5, [], null]}})")));
}

}  // namespace
}  // namespace evenkeel
