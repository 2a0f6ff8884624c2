#include "controller/runtime/round.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/scripted_transport.hpp"
#include "tests/support/transport_fixture.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using test::Exchange;
using test::ScriptedTransport;

constexpr TimePoint kNow{seconds(1'800'000'000)};

// Answers nothing until it is released; then, that it is down.
class HangingTransport : public HttpTransport {
 public:
  Result<HttpResponse> Send(const HttpRequest&, std::stop_token stop) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [this] { return released_; });
    return Error{ErrorKind::kUnavailable, "down", {}};
  }
  Result<HttpResponse> Stream(const HttpRequest&, const OnData&, std::stop_token) override {
    return Error{};
  }
  void Release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool released_ = false;
};

Exchange Json(const json& body) {
  return {.headers = {{"Content-Type", "application/json"}}, .body = body.dump()};
}

// Below its minimum, so that it is patched whatever its signals say.
CustomObject PolicyOf(const std::string& name, const std::string& source) {
  const json object = {
      {"metadata",
       {{"namespace", "shop"}, {"name", name}, {"uid", "p-" + name}, {"resourceVersion", "1"}}},
      {"spec",
       {{"targetRef", {{"name", name}}},
        {"minReplicas", 4},
        {"maxReplicas", 10},
        {"metrics", {{"source", source}}},
        {"objectives", {{"latencyP99", "250ms"}}}}}};
  return {{"shop", name}, object};
}

Workload Deployment(const std::string& name) {
  Workload workload{.kind = "Deployment", .key = {"shop", name}, .uid = "d-" + name};
  workload.resource_version = "1";
  workload.spec_replicas = workload.status_replicas = workload.updated_replicas = 2;
  return workload;
}

// A round over one policy per source, each named as its source.
class Rig {
 public:
  explicit Rig(const std::vector<std::string>& names) {
    ListReplaced policies;
    ListReplaced deployments;
    for (const std::string& name : names) {
      policies.objects.emplace_back(PolicyOf(name, name));
      deployments.objects.emplace_back(Deployment(name));
      keys_.push_back({"shop", name});
    }
    (void)world_.Apply({ResourceKind::kDeployments, std::move(deployments)});
    (void)world_.Apply({ResourceKind::kScalingPolicies, std::move(policies)});
  }

  void AddSource(const std::string& name, std::unique_ptr<HttpTransport> transport) {
    fetcher_.SetSource(name, std::move(transport));
  }

  void Run(std::uint64_t number = 1) {
    RoundContext context{world_,    fetcher_,    scales_,     writer_, reporter_, metrics_,
                         planning_, seconds(15), seconds(60), {},      absorb,    progress};
    context.decide_within = decide_within;
    (void)RunRound(context, keys_, number, kNow, {});
  }

  World& world() { return world_; }
  [[nodiscard]] std::string Metrics() const { return metrics_.Serialize(); }
  std::chrono::milliseconds decide_within = seconds(60);
  bool conflicts = false;  // does every patch of /scale meet one?
  // What comes while the round waits for its readings.
  std::function<void()> absorb = [] {};
  std::function<void()> progress = [] {};

  // Writes whose target has this in it, in the order in which they came.
  [[nodiscard]] std::vector<std::string> Writes(const std::string& part) const {
    std::vector<std::string> targets;
    for (const HttpRequest& request : kube_.requests()) {
      if (request.target.find(part) != std::string::npos) targets.push_back(request.target);
    }
    return targets;
  }
  [[nodiscard]] bool Has(const std::string& part) const { return !Writes(part).empty(); }

 private:
  Exchange Answer(const HttpRequest& request) const {
    if (request.target.find("/scale?") == std::string::npos) return Json({});
    if (conflicts) return {.status = 409, .body = "{}"};
    return Json({{"metadata", {{"resourceVersion", "2"}}}, {"spec", {{"replicas", 4}}}});
  }

  ScriptedTransport kube_{[this](const HttpRequest& request) { return Answer(request); }};
  World world_;
  evenkeel::Metrics metrics_;
  Planning planning_;
  Fetcher fetcher_;
  ScaleReader scales_{kube_};
  KubeWriter writer_{kube_, TokenBucket(1e6, 1'000'000, {}), {}};
  Reporter reporter_{writer_, metrics_, "test"};
  std::vector<ObjectKey> keys_;
};

std::unique_ptr<HttpTransport> Refusing() {
  return std::make_unique<ScriptedTransport>([](const HttpRequest&) {
    return Exchange{.error = Error{ErrorKind::kUnavailable, "connection refused", {}}};
  });
}

}  // namespace

TEST_CASE("round: it tells of its progress before each decision and each report") {
  Rig rig({"a", "b", "c"});
  int steps = 0;
  rig.progress = [&] { ++steps; };
  rig.Run();
  CHECK(steps == 6);
}

TEST_CASE("round: each begins with another policy, so that nobody always waits") {
  std::set<std::string> first;
  for (std::uint64_t number = 1; number <= 3; ++number) {
    Rig rig({"a", "b", "c"});
    rig.Run(number);
    const auto writes = rig.Writes("/scale?");
    REQUIRE(writes.size() == 3);
    first.insert(writes.front());
  }
  CHECK(first.size() == 3);
}

TEST_CASE("round: what would be decided on old readings waits for the next round") {
  Rig rig({"a", "b", "c"});
  rig.decide_within = seconds(1);
  // The first write takes a second.
  const auto begin = std::chrono::steady_clock::now();
  rig.progress = [&] { std::this_thread::sleep_until(begin + seconds(1)); };
  rig.Run();
  CHECK(rig.Writes("/scale?").size() == 1);
  CHECK(rig.Writes("/status?").size() == 1);
  CHECK_THAT(rig.Metrics(), Catch::Contains("evenkeel_decisions_postponed_total 2\n"));
}

TEST_CASE("round: what was left to the next round comes first there, with its window begun anew") {
  for (const char* first : {"a", "b", "c"}) {
    Rig rig({"a", "b", "c"});
    rig.decide_within = seconds(0);
    rig.Run();
    for (const std::string name : {"a", "b", "c"}) {
      PolicyEntry& entry = *rig.world().Find({"shop", name});
      CHECK(entry.postponed);
      entry.postponed = name == first;
    }
    rig.decide_within = seconds(60);
    rig.Run();
    CHECK_THAT(rig.Writes("/scale?").front(), Catch::Contains(std::string("/") + first + "/"));
    CHECK_FALSE(rig.world().Find({"shop", first})->postponed);
    rig.decide_within = seconds(0);
    rig.Run();
    CHECK(rig.world().Find({"shop", first})->history->stopped);
  }
}

TEST_CASE("round: the decisions of all sources that have answered come before any report") {
  Rig rig({"a", "b"});
  std::atomic<int> asked = 0;
  for (const char* name : {"a", "b"}) {
    rig.AddSource(name, std::make_unique<ScriptedTransport>([&](const HttpRequest&) {
                    ++asked;
                    return Exchange{.error = Error{ErrorKind::kUnavailable, "down", {}}};
                  }));
  }
  // Both have answered by the time that the first one's decision is made. That the last answer has
  // arrived, a moment after its question, shows nowhere.
  const auto wait = [&] {
    CHECK(test::Await([&] { return asked > 1; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  };
  std::once_flag waited;
  rig.progress = [&] { std::call_once(waited, wait); };
  rig.Run();
  const auto writes = rig.Writes("/shop/");
  REQUIRE(writes.size() >= 4);
  CHECK_THAT(writes[0], Catch::Contains("/scale?"));
  CHECK_THAT(writes[1], Catch::Contains("/scale?"));
}

TEST_CASE("round: a source that hangs delays no decision and no report on another's policies") {
  Rig rig({"hangs", "answers", "unknown"});
  auto transport = std::make_unique<HangingTransport>();
  HangingTransport& hanging = *transport;
  rig.AddSource("hangs", std::move(transport));
  rig.AddSource("answers", Refusing());
  std::jthread round([&] { rig.Run(); });
  for (const std::string part : {"/deployments/answers/scale", "/scalingpolicies/answers/status",
                                 "/deployments/unknown/scale", "/scalingpolicies/unknown/status"}) {
    CAPTURE(part);
    CHECK(test::Await([&] { return rig.Has(part); }));
  }
  CHECK_FALSE(rig.Has("/hangs/"));
  hanging.Release();
  round.join();
  CHECK(rig.Has("/deployments/hangs/scale"));
  CHECK(rig.Has("/scalingpolicies/hangs/status"));
}

TEST_CASE("round: a spec that changed while it was asked for is not decided on with old readings") {
  Rig rig({"a"});
  rig.AddSource("a", Refusing());
  rig.absorb = [&] {
    CustomObject edited = PolicyOf("a", "a");
    edited.json["spec"]["maxReplicas"] = 20;
    edited.json["metadata"]["generation"] = 2;
    (void)rig.world().Apply({ResourceKind::kScalingPolicies, ObjectUpserted{edited}});
  };
  rig.Run();
  CHECK_FALSE(rig.Has("/scale?"));
  rig.absorb = [] {};
  rig.Run();
  CHECK(rig.Has("/scale?"));
}

TEST_CASE("round: conflicts in a row are counted, for each is waited for longer") {
  Rig rig({"a"});
  rig.AddSource("a", Refusing());
  const auto conflicts = [&] { return rig.world().Find({"shop", "a"})->conflicts; };
  rig.conflicts = true;
  rig.Run();
  rig.Run();
  CHECK(conflicts() == 2);
  rig.conflicts = false;
  rig.Run();
  CHECK(conflicts() == 0);
}

TEST_CASE("round: all patches of a source's policies come before all their reports") {
  Rig rig({"a", "b", "c"});  // of a source that is not known: one batch
  rig.Run();
  REQUIRE(rig.Writes("/scale?").size() == 3);
  const std::vector<std::string> all = rig.Writes("/apis/");
  REQUIRE(all.size() > 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK_THAT(all[i], Catch::Contains("/scale?"));
}

}  // namespace evenkeel
