// The Kubernetes client against a real API server: what a scripted one cannot promise.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "controller/kubernetes/line_splitter.hpp"
#include "controller/kubernetes/requests.hpp"
#include "controller/kubernetes/responses.hpp"
#include "controller/kubernetes/watch_cache.hpp"
#include "controller/runtime/watcher.hpp"
#include "support/catch.hpp"
#include "tests/integration/api_server.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::ApiServer;
using test::TestNamespace;

const Resource& kDeployments = Describe(ResourceKind::kDeployments);
const Resource& kPolicies = Describe(ResourceKind::kScalingPolicies);

// Paused, so that no pod is ever made of it.
json Deployment(const std::string& name) {
  return {{"apiVersion", "apps/v1"},
          {"kind", "Deployment"},
          {"metadata", {{"name", name}}},
          {"spec",
           {{"replicas", 2},
            {"paused", true},
            {"selector", {{"matchLabels", {{"app", name}}}}},
            {"template",
             {{"metadata", {{"labels", {{"app", name}}}}},
              {"spec", {{"containers", {{{"name", "c"}, {"image", "none"}}}}}}}}}}};
}

json Policy(const std::string& name) {
  return {{"apiVersion", "evenkeel.dev/v1alpha1"},
          {"kind", "ScalingPolicy"},
          {"metadata", {{"name", name}}},
          {"spec",
           {{"targetRef", {{"name", name}}},
            {"maxReplicas", 5},
            {"objectives", {{"latencyP99", "250ms"}}}}}};
}

// The events of a watch until the server ends it.
Result<std::vector<WatchEvent>> Watch(ApiServer& api, ResourceKind kind, WatchOptions options) {
  std::vector<WatchEvent> events;
  std::optional<Error> fault;
  LineSplitter lines(1 << 20);
  const auto response = api.transport().Stream(
      WatchRequest(Describe(kind), options),
      [&](std::string_view piece) {
        return static_cast<bool>(lines.Feed(piece, [&](std::string_view line) {
          auto event = ParseWatchEvent(kind, line);
          if (!event) fault = event.error();
          if (event) events.push_back(*std::move(event));
          return !fault;
        }));
      },
      {});
  if (fault) return *fault;
  if (!response) return response.error();
  if (const Status status = CheckResponse(*response); !status) return status.error();
  return events;
}

// What a watcher has delivered so far.
class Deliveries {
 public:
  WatchSink Sink() {
    return [this](const WatchUpdate& update) {
      const std::lock_guard lock(mutex_);
      if (std::holds_alternative<ListReplaced>(update.change)) ++lists_;
      cache_.Apply(update);
      changed_.notify_all();
    };
  }

  template <class Condition>
  bool Await(Condition holds) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s, [&] { return lists_ > 0 && holds(cache_); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int lists_ = 0;
  WatchCache cache_;
};

TEST_CASE("a watcher sees what is created, scaled and deleted") {
  ApiServer api;
  const TestNamespace space(api);
  Deliveries deliveries;
  const Watcher watcher(api.transport(),
                        {.resource = ResourceKind::kDeployments, .namespace_name = space.name()},
                        deliveries.Sink());
  const ObjectKey key{space.name(), "checkout"};
  REQUIRE(
      deliveries.Await([](const WatchCache& cache) { return cache.deployments.all().empty(); }));

  const std::string version = api.Create(kDeployments, space.name(), Deployment("checkout"));
  CHECK(deliveries.Await([&](const WatchCache& cache) {
    const Workload* found = cache.deployments.Find(key);
    return found != nullptr && found->spec_replicas == 2 && !found->uid.empty();
  }));

  api.AwaitScaled(kDeployments, key, 3);
  CHECK(deliveries.Await([&](const WatchCache& cache) {
    const Workload* found = cache.deployments.Find(key);
    return found != nullptr && found->spec_replicas == 3 && found->resource_version != version;
  }));

  api.Delete(kDeployments, key);
  CHECK(deliveries.Await(
      [&](const WatchCache& cache) { return cache.deployments.Find(key) == nullptr; }));
}

TEST_CASE("a list in pages is put together") {
  ApiServer api;
  const TestNamespace space(api);
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    api.Create(kDeployments, space.name(), Deployment(name));
  }
  Deliveries deliveries;
  const Watcher watcher(
      api.transport(),
      {.resource = ResourceKind::kDeployments, .namespace_name = space.name(), .page_limit = 2},
      deliveries.Sink());
  CHECK(deliveries.Await(
      [](const WatchCache& cache) { return cache.deployments.all().size() == 5; }));
}

TEST_CASE("a watch resumed from an old resourceVersion tells all that was missed") {
  ApiServer api;
  const TestNamespace space(api);
  const auto page =
      ParseList(ResourceKind::kDeployments,
                api.Send(ListRequest(kDeployments, {.namespace_name = space.name()})));
  REQUIRE(page);
  const ObjectKey key{space.name(), "missed"};
  api.Create(kDeployments, space.name(), Deployment("missed"));
  api.Delete(kDeployments, key);

  const auto events = Watch(
      api, ResourceKind::kDeployments,
      {.namespace_name = space.name(), .resource_version = page->resource_version, .timeout = 4s});
  REQUIRE(events);
  REQUIRE(events->size() >= 2);
  CHECK(events->front().type == WatchEventType::kAdded);
  CHECK(std::any_of(events->begin(), events->end(), [&](const WatchEvent& event) {
    return event.type == WatchEventType::kDeleted && KeyOf(*event.object) == key;
  }));
}

TEST_CASE("the API server sends bookmarks, from which a watch can be resumed") {
  ApiServer api;
  const TestNamespace space(api);
  const auto page =
      ParseList(ResourceKind::kDeployments,
                api.Send(ListRequest(kDeployments, {.namespace_name = space.name()})));
  REQUIRE(page);
  // One comes shortly before the end, once etcd has told of its progress (every 5 s).
  const WatchOptions options{
      .namespace_name = space.name(), .resource_version = page->resource_version, .timeout = 15s};
  const auto events = Watch(api, ResourceKind::kDeployments, options);
  REQUIRE(events);
  REQUIRE_FALSE(events->empty());
  CHECK(events->back().type == WatchEventType::kBookmark);
  WatchOptions resumed = options;
  resumed.resource_version = events->back().resource_version;
  resumed.timeout = 1s;
  CHECK(Watch(api, ResourceKind::kDeployments, resumed));
}

TEST_CASE("a resourceVersion that is too old is gone") {
  ApiServer api;
  api.InstallCrd();
  const auto events =
      Watch(api, ResourceKind::kScalingPolicies, {.resource_version = "1", .timeout = 5s});
  REQUIRE_FALSE(events);
  CHECK(events.error().kind == ErrorKind::kGone);
  CHECK_THAT(events.error().message, Catch::Contains("too old resource version"));
}

TEST_CASE("a patch of the scale is refused on a stale resourceVersion and taken on a fresh one") {
  ApiServer api;
  const TestNamespace space(api);
  const ObjectKey key{space.name(), "checkout"};
  const std::string stale = api.Create(kDeployments, space.name(), Deployment("checkout"));
  api.AwaitScaled(kDeployments, key, 3);

  const auto refused = ParseScale(api.Send(PatchScaleRequest(kDeployments, key, 9, stale)));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::kConflict);
  CHECK_THAT(refused.error().message, Catch::Contains("checkout"));

  const auto scale = ParseScale(api.Send(GetScaleRequest(kDeployments, key)));
  REQUIRE(scale);
  CHECK(scale->spec_replicas == 3);
  CHECK(scale->selector == "app=checkout");
  CHECK(api.Send(PatchScaleRequest(kDeployments, {space.name(), "none"}, 9, "1")).status == 404);
}

TEST_CASE("a status is patched: fields come, change and go") {
  ApiServer api;
  api.InstallCrd();
  const TestNamespace space(api);
  const ObjectKey key{space.name(), "checkout"};
  api.Create(kPolicies, space.name(), Policy("checkout"));
  const auto read = [&] {
    const auto object =
        ParseObject(ResourceKind::kScalingPolicies, api.Send(GetRequest(kPolicies, key)));
    REQUIRE(object);
    return std::get<CustomObject>(*object).json;
  };
  const std::string uid = read()["metadata"]["uid"];
  CHECK(read()["spec"]["minReplicas"] == 1);

  const json first = {{"currentReplicas", 2}, {"desiredReplicas", 4}};
  CHECK(CheckResponse(api.Send(PatchStatusRequest(key, uid, nullptr, first))));
  CHECK(read()["status"] == first);

  const json second = {{"desiredReplicas", 5}};
  CHECK(CheckResponse(api.Send(PatchStatusRequest(key, uid, first, second))));
  CHECK(read()["status"] == second);
}

TEST_CASE("an event can be read by the object it is about, and is not made twice") {
  ApiServer api;
  const TestNamespace space(api);
  const ObjectKey key{space.name(), "checkout"};
  const EventContext context{
      .regarding = {"evenkeel.dev/v1alpha1", "ScalingPolicy", key, "uid-1", "1"},
      .related = {"apps/v1", "Deployment", key},
      .reporting_instance = "evenkeel-0",
      .time = TimePoint(1'700'000'000'123ms)};
  const EventNote note{true, "SignalsUnhealthy", "Observe", "no answer from Prometheus"};
  const HttpRequest request = CreateEventRequest(note, context);
  CHECK(CheckResponse(api.Send(request)));
  const Status again = CheckResponse(api.Send(request));
  REQUIRE_FALSE(again);
  CHECK(again.error().kind == ErrorKind::kConflict);

  // As `kubectl describe` asks for them.
  const json events = api.Get("/api/v1/namespaces/" + space.name() +
                              "/events?fieldSelector=involvedObject.name%3Dcheckout");
  REQUIRE(events["items"].size() == 1);
  CHECK(events["items"][0]["reason"] == "SignalsUnhealthy");
  CHECK(events["items"][0]["type"] == "Warning");
  CHECK(events["items"][0]["message"] == "no answer from Prometheus");
}

TEST_CASE("the resource of a target is found by its kind") {
  ApiServer api;
  const auto discover = [&](const char* api_version, const char* kind) {
    return ParseDiscovery(api.Send(DiscoverRequest(api_version)), api_version, kind);
  };
  const auto deployments = discover("apps/v1", "Deployment");
  REQUIRE(deployments);
  CHECK(*deployments == kDeployments);
  REQUIRE(discover("v1", "ReplicationController"));

  CHECK(discover("apps/v1", "DaemonSet").error().kind == ErrorKind::kInvalid);
  CHECK(discover("nowhere.example/v1", "Thing").error().kind == ErrorKind::kInvalid);
}

TEST_CASE("every watched resource can be listed, or is optional and absent") {
  ApiServer api;
  api.InstallCrd();
  for (const ResourceKind kind : kAllResources) {
    INFO(Describe(kind).plural);
    Deliveries deliveries;
    const Watcher watcher(api.transport(), {.resource = kind}, deliveries.Sink());
    CHECK(deliveries.Await([](const WatchCache&) { return true; }));
  }
}

}  // namespace
}  // namespace evenkeel
