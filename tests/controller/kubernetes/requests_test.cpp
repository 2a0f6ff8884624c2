#include "controller/kubernetes/requests.hpp"

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

const ObjectKey kCheckout{"shop", "checkout"};

EventContext Context() {
  return {.regarding = {"evenkeel.dev/v1alpha1", "ScalingPolicy", kCheckout, "uid-p", "17"},
          .related = {"apps/v1", "Deployment", kCheckout},
          .reporting_instance = "evenkeel-7d9f",
          .time = TimePoint(1'700'000'000'123ms)};
}

const EventNote kScaledUp{false, "ScaledUp", "Scale", "4 to 7: p99 is 412ms"};

std::string NameOf(const HttpRequest& request) {
  return json::parse(request.body)["metadata"]["name"];
}

TEST_CASE("a list names group, version, namespace, selector and page") {
  const HttpRequest request =
      ListRequest(Describe(ResourceKind::kDeployments), {"shop", "app in (a,b)", 100, "tok/en+="});
  CHECK(request.method == "GET");
  CHECK(request.target ==
        "/apis/apps/v1/namespaces/shop/deployments?labelSelector=app%20in%20%28a%2Cb%29&limit=100"
        "&continue=tok%2Fen%2B%3D");
  CHECK(request.headers.at("accept") == "application/json");
}

TEST_CASE("a list over all namespaces of the core group asks for pages of 500") {
  CHECK(ListRequest(Describe(ResourceKind::kPods), {}).target == "/api/v1/pods?limit=500");
}

TEST_CASE("every watched resource has its place") {
  std::string targets;
  for (const ResourceKind kind : kAllResources) {
    targets += ListRequest(Describe(kind), {.limit = 0}).target + "\n";
  }
  CHECK(targets ==
        "/apis/evenkeel.dev/v1alpha1/scalingpolicies\n/apis/apps/v1/deployments\n"
        "/apis/apps/v1/statefulsets\n/apis/apps/v1/replicasets\n/api/v1/pods\n"
        "/apis/keda.sh/v1alpha1/scaledobjects\n/apis/autoscaling/v2/horizontalpodautoscalers\n");
}

TEST_CASE("a watch resumes from a resourceVersion, with bookmarks, and is bounded in silence") {
  const HttpRequest request =
      WatchRequest(Describe(ResourceKind::kPods),
                   {.resource_version = "42", .timeout = 301s, .max_silence = 90s});
  CHECK(request.target ==
        "/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=42&timeoutSeconds=301");
  CHECK(request.deadline == 90s);
}

TEST_CASE("names are encoded, so that none can reach another path") {
  CHECK(GetScaleRequest(Describe(ResourceKind::kDeployments), {"a/../b", "c?d#e"}).target ==
        "/apis/apps/v1/namespaces/a%2F..%2Fb/deployments/c%3Fd%23e/scale");
  CHECK(GetRequest(Describe(ResourceKind::kScalingPolicies), kCheckout).target ==
        "/apis/evenkeel.dev/v1alpha1/namespaces/shop/scalingpolicies/checkout");
}

TEST_CASE("a patch of the scale carries the resourceVersion as its precondition") {
  const HttpRequest request =
      PatchScaleRequest(Describe(ResourceKind::kDeployments), kCheckout, 7, "1234");
  CHECK(request.method == "PATCH");
  CHECK(request.target ==
        "/apis/apps/v1/namespaces/shop/deployments/checkout/scale?fieldManager=evenkeel");
  CHECK(request.headers.at("Content-Type") == "application/merge-patch+json");
  CHECK(json::parse(request.body) ==
        json::parse(R"({"metadata": {"resourceVersion": "1234"}, "spec": {"replicas": 7}})"));
  CHECK(request.idempotent);
}

TEST_CASE("a patch of the status sends the difference") {
  const json before = {{"desiredReplicas", 4}, {"currentReplicas", 4}, {"signals", {1, 2}}};
  const json after = {{"desiredReplicas", 7}, {"currentReplicas", 4}};
  const HttpRequest request = PatchStatusRequest(kCheckout, "uid-p", before, after);
  CHECK(request.target ==
        "/apis/evenkeel.dev/v1alpha1/namespaces/shop/scalingpolicies/checkout/status"
        "?fieldManager=evenkeel");
  CHECK(json::parse(request.body) == json::parse(R"({"metadata": {"uid": "uid-p"},
                        "status": {"desiredReplicas": 7, "signals": null}})"));
}

TEST_CASE("the first status is sent whole") {
  const HttpRequest request = PatchStatusRequest(kCheckout, "u", nullptr, {{"desiredReplicas", 7}});
  CHECK(json::parse(request.body)["status"] == json{{"desiredReplicas", 7}});
}

TEST_CASE("an event is about the policy and names its target") {
  const HttpRequest request = CreateEventRequest(kScaledUp, Context());
  CHECK(request.method == "POST");
  CHECK(request.target == "/apis/events.k8s.io/v1/namespaces/shop/events?fieldManager=evenkeel");
  json event = json::parse(request.body);
  CHECK(event["metadata"]["namespace"] == "shop");
  event.erase("metadata");
  CHECK(event == json::parse(R"({
      "apiVersion": "events.k8s.io/v1", "kind": "Event",
      "eventTime": "2023-11-14T22:13:20.123000Z",
      "reportingController": "evenkeel.dev/controller", "reportingInstance": "evenkeel-7d9f",
      "type": "Normal", "reason": "ScaledUp", "action": "Scale", "note": "4 to 7: p99 is 412ms",
      "regarding": {"apiVersion": "evenkeel.dev/v1alpha1", "kind": "ScalingPolicy",
                    "namespace": "shop", "name": "checkout", "uid": "uid-p",
                    "resourceVersion": "17"},
      "related": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop",
                  "name": "checkout"}})"));
}

TEST_CASE("the same event has the same name, another event another") {
  const std::string name = NameOf(CreateEventRequest(kScaledUp, Context()));
  CHECK(name.rfind("checkout.", 0) == 0);
  CHECK(NameOf(CreateEventRequest(kScaledUp, Context())) == name);

  EventContext later = Context();
  later.time += 1ms;
  CHECK(NameOf(CreateEventRequest(kScaledUp, later)) != name);
  EventNote other = kScaledUp;
  other.reason = "ScaledDown";
  CHECK(NameOf(CreateEventRequest(other, Context())) != name);
}

TEST_CASE("an event stays within the API's bounds, and its text valid UTF-8") {
  EventContext context = Context();
  context.regarding.key.name = std::string(235, 'a') + ".b" + std::string(16, 'c');
  context.reporting_instance = std::string(253, 'p');
  EventNote note = kScaledUp;
  note.message = std::string(1023, 'x') + "\xc3\xbc";
  const HttpRequest request = CreateEventRequest(note, context);
  const json event = json::parse(request.body);
  CHECK(event["note"] == std::string(1023, 'x'));
  CHECK(event["reportingInstance"].get<std::string>().size() == 128);
  const std::string name = NameOf(request);
  CHECK(name.size() <= 253);
  CHECK(name.substr(0, 236) == std::string(235, 'a') + ".");
  CHECK(name.find("..") == std::string::npos);
}

TEST_CASE("discovery asks for the group and version of a target") {
  CHECK(DiscoverRequest("argoproj.io/v1alpha1").target == "/apis/argoproj.io/v1alpha1");
  CHECK(DiscoverRequest("v1").target == "/api/v1");
}

TEST_CASE("a merge patch makes after of before") {
  const auto check = [](const char* before, const char* after, const char* patch) {
    INFO(before << " -> " << after);
    const json difference = MergePatch(json::parse(before), json::parse(after));
    CHECK(difference == json::parse(patch));
    json patched = json::parse(before);
    patched.merge_patch(difference);
    CHECK(patched == json::parse(after));
  };
  check(R"({"a": 1})", R"({"a": 1})", "{}");
  check(R"({"a": 1})", R"({"a": 2, "b": {"c": 3}})", R"({"a": 2, "b": {"c": 3}})");
  check(R"({"a": 1, "b": 2})", R"({"b": 2})", R"({"a": null})");
  check(R"({"a": {"b": 1, "c": 2}})", R"({"a": {"b": 1}})", R"({"a": {"c": null}})");
  check(R"({"a": [1, 2]})", R"({"a": [1]})", R"({"a": [1]})");
  check(R"({"a": {"b": 1}})", R"({"a": 5})", R"({"a": 5})");
  check("null", R"({"a": 5})", R"({"a": 5})");
}

}  // namespace
}  // namespace evenkeel
