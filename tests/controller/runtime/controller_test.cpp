// The whole loop over a scripted API server and a scripted Prometheus: what is sent, and when.
#include "controller/runtime/controller.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "support/catch.hpp"
#include "tests/support/scripted_transport.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Exchange;
using test::ScriptedTransport;

json Meta(const std::string& name, const std::string& uid) {
  return {{"namespace", "shop"}, {"name", name},
          {"uid", uid},          {"resourceVersion", "100"},
          {"generation", 1},     {"creationTimestamp", "2026-11-23T08:00:00Z"}};
}

json Policy(int min_replicas, const std::string& mode) {
  return {{"apiVersion", "evenkeel.dev/v1alpha1"},
          {"kind", "ScalingPolicy"},
          {"metadata", Meta("checkout", "p-1")},
          {"spec",
           {{"targetRef", {{"name", "checkout"}}},
            {"minReplicas", min_replicas},
            {"maxReplicas", 10},
            {"mode", mode},
            {"objectives", {{"latencyP99", "250ms"}}}}}};
}

json Scale(int replicas) {
  json meta = Meta("checkout", "d-1");
  meta["resourceVersion"] = "101";
  return {{"metadata", std::move(meta)}, {"spec", {{"replicas", replicas}}}};
}

json Deployment(int replicas) {
  return {{"metadata", Meta("checkout", "d-1")},
          {"spec", {{"replicas", replicas}}},
          {"status",
           {{"observedGeneration", 1}, {"replicas", replicas}, {"updatedReplicas", replicas}}}};
}

Exchange Json(const json& body, int status = 200) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = body.dump()};
}

Exchange List(const json& items) {
  return Json({{"metadata", {{"resourceVersion", "100"}}}, {"items", items}});
}

// An API server with one Deployment of two replicas and one policy; watches are silent. It counts
// what is written to it and lets the test wait for it.
class ApiServer {
 public:
  explicit ApiServer(json policy) : policy_(std::move(policy)) {}

  Exchange Answer(const HttpRequest& request) {
    if (request.target.find("watch=") != std::string::npos) return {.until_stopped = true};
    if (request.method != "GET") return Write(request);
    if (request.target.find("/scalingpolicies") != std::string::npos)
      return List(json::array({policy_}));
    if (request.target.find("/deployments") != std::string::npos)
      return List(json::array({Deployment(2)}));
    return List(json::array());
  }

  // Waits for a write whose target has `suffix`, and whose body `in_body`.
  HttpRequest Await(const std::string& suffix, const std::string& in_body = "") {
    std::unique_lock lock(mutex_);
    const auto find = [&] {
      return std::ranges::find_if(writes_, [&](const HttpRequest& write) {
        return write.target.find(suffix) != std::string::npos &&
               write.body.find(in_body) != std::string::npos;
      });
    };
    const bool came = written_.wait_for(lock, seconds(20), [&] { return find() != writes_.end(); });
    REQUIRE(came);
    return *find();
  }

  std::size_t Count(const std::string& part) {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count_if(writes_, [&](const HttpRequest& write) {
      return write.target.find(part) != std::string::npos;
    }));
  }

  std::function<Exchange(const HttpRequest&)> on_scale = [](const HttpRequest&) {
    return Json(Scale(4));
  };

 private:
  Exchange Write(const HttpRequest& request) {
    Exchange answer = Json({}, 201);
    if (request.target.find("/scale?") != std::string::npos) {
      answer = on_scale(request);
    } else if (request.target.find("/status") != std::string::npos) {
      policy_.merge_patch(json::parse(request.body));
      answer = Json(policy_);
    }
    const std::lock_guard lock(mutex_);
    writes_.push_back(request);
    written_.notify_all();
    return answer;
  }

  json policy_;
  std::mutex mutex_;
  std::condition_variable written_;
  std::vector<HttpRequest> writes_;
};

// The loop on its own thread for as long as the object lives.
class Running {
 public:
  explicit Running(ApiServer& api)
      : kube_([&](const HttpRequest& request) { return api.Answer(request); }),
        fetcher_(SilentPrometheus()),
        controller_(kube_, fetcher_, metrics_, Options()),
        loop_([this](const std::stop_token& stop) { controller_.Run(stop); }) {}

  Metrics& metrics() { return metrics_; }
  Controller& controller() { return controller_; }

 private:
  static ControllerOptions Options() {
    ControllerOptions options;
    options.sync_period = milliseconds(200);
    options.fetch_deadline = seconds(5);
    return options;
  }
  static Sources SilentPrometheus() {
    Sources sources;
    sources.emplace(
        "default", std::make_unique<ScriptedTransport>([](const HttpRequest&) {
          return Exchange{.error = Error{ErrorKind::kUnavailable, "connection refused", {}}};
        }));
    return sources;
  }

  ScriptedTransport kube_;
  Fetcher fetcher_;
  Metrics metrics_;
  Controller controller_;
  std::jthread loop_;
};

TEST_CASE("controller: below minReplicas it patches /scale with the resourceVersion it has seen") {
  ApiServer api(Policy(4, "Enforce"));
  const Running running(api);
  const HttpRequest patch = api.Await("/deployments/checkout/scale?");
  CHECK(patch.method == "PATCH");
  const json body = json::parse(patch.body);
  CHECK(body["spec"]["replicas"] == 4);
  CHECK(body["metadata"]["resourceVersion"] == "100");
}

TEST_CASE("controller: the status and an event say what was done") {
  ApiServer api(Policy(4, "Enforce"));
  const Running running(api);
  const json status = json::parse(api.Await("/scalingpolicies/checkout/status").body)["status"];
  CHECK(status["desiredReplicas"] == 4);
  CHECK(status["lastDecision"]["reason"] == "BelowMinimum");
  CHECK(json::parse(api.Await("/events").body)["reason"] == "ScaledUp");
}

TEST_CASE(
    "controller: it sees its own patch while the watch is silent, and calls it nobody else's") {
  ApiServer api(Policy(4, "Enforce"));
  const Running running(api);
  const json status =
      json::parse(api.Await("/scalingpolicies/checkout/status", R"("currentReplicas":4)").body);
  CHECK_FALSE(status["status"].contains("desiredReplicas"));  // a patch: it stays 4
  CHECK_FALSE(status["status"].contains("externalChange"));
  CHECK(api.Count("/scale?") == 1);
}

TEST_CASE("controller: in mode Observe it reports the same and patches nothing") {
  ApiServer api(Policy(4, "Observe"));
  const Running running(api);
  const json status = json::parse(api.Await("/scalingpolicies/checkout/status").body)["status"];
  CHECK(status["desiredReplicas"] == 4);
  CHECK(json::parse(api.Await("/events").body)["reason"] == "WouldScale");
  CHECK(api.Count("/scale?") == 0);
}

TEST_CASE("controller: with every signal unknown nothing is taken away, and the reason is named") {
  ApiServer api(Policy(1, "Enforce"));
  const Running running(api);
  const json status = json::parse(api.Await("/scalingpolicies/checkout/status").body)["status"];
  CHECK(status["desiredReplicas"] == 2);
  CHECK(status["lastDecision"]["reason"] == "SignalMissing");
  CHECK(status["lastDecision"]["message"].get<std::string>().find("connection refused") !=
        std::string::npos);
  CHECK(api.Count("/scale?") == 0);
}

TEST_CASE(
    "controller: after a conflict it decides again and does not send the stale patch twice at "
    "once") {
  ApiServer api(Policy(4, "Enforce"));
  std::atomic<int> patches{0};
  api.on_scale = [&](const HttpRequest&) {
    if (patches++ == 0) return Json({{"kind", "Status"}, {"message", "changed"}}, 409);
    return Json(Scale(4));
  };
  Running running(api);
  const json event = json::parse(api.Await("/events").body);
  CHECK(event["reason"] == "ScaleFailed");
  const auto deadline = std::chrono::steady_clock::now() + seconds(20);
  while (patches < 2 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  CHECK(patches >= 2);
  CHECK(running.metrics().Serialize().find(
            R"(evenkeel_scale_patches_total{result="conflict"} 1)") != std::string::npos);
}

TEST_CASE("controller: a spec that cannot be parsed is reported and harms nobody") {
  json broken = Policy(4, "Enforce");
  broken["spec"]["maxReplicas"] = 1;
  ApiServer api(std::move(broken));
  const Running running(api);
  const json status = json::parse(api.Await("/scalingpolicies/checkout/status").body)["status"];
  CHECK(status["conditions"].dump().find("InvalidSpec") != std::string::npos);
  CHECK(api.Count("/scale?") == 0);
}

TEST_CASE("controller: it is ready once every list has been seen, and stops at once") {
  ApiServer api(Policy(2, "Enforce"));
  auto running = std::make_unique<Running>(api);
  (void)api.Await("/scalingpolicies/checkout/status");
  CHECK(running->controller().NotReadyReason().empty());
  CHECK(running->controller().NotAliveReason().empty());
  const auto begin = std::chrono::steady_clock::now();
  running.reset();
  CHECK(std::chrono::steady_clock::now() - begin < seconds(5));
}

}  // namespace
}  // namespace evenkeel
