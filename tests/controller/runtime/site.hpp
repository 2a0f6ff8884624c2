// Site: one Deployment under a random load, its policy, the API server and the Prometheus that know
// of them. A value: a copy goes on from where the original was, for a controller of its own.
// Time comes in turns of kPeriod; what Prometheus knows of a turn is settled before the round.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "controller/core/turns.hpp"
#include "controller/kubernetes/watch_cache.hpp"
#include "controller/prometheus/promql.hpp"
#include "controller/prometheus/templates.hpp"
#include "tests/support/scripted_transport.hpp"

namespace evenkeel::test {

inline constexpr std::chrono::seconds kPeriod{15};
inline constexpr TimePoint kBegin{std::chrono::seconds(1'800'000'000)};  // a turn

// What a query answers at one instant: a row per label set.
using Rows = std::map<std::map<std::string, std::string>, double>;

struct Scene {
  bool down = false;                   // Prometheus does not answer at all
  std::map<std::string, Rows> topics;  // absent: no series
};

// A turn's random circumstances, apart from what the controller makes of them.
struct Weather {
  double load = 1;             // erlangs
  double queue = 10;           // of the policy's own query
  double latency = 0.1;        // s, beside what overload adds
  bool down = false;           // Prometheus is down, and scrapes nothing
  bool uncovered = false;      // the rates' windows are not filled
  bool without_queue = false;  // the own query has no series
};

class Site {
 public:
  nlohmann::json policy;  // the whole ScalingPolicy
  Replicas replicas = 3;
  bool loses_status = false;  // the API server refuses every write of the status
  // The last turn at which a pod was starting up that scale-in has removed since: what nobody can
  // know afterwards.
  TimePoint forgotten_start{};

  Site(nlohmann::json object, unsigned seed) : policy(std::move(object)), random_(seed) {
    for (Replicas i = 0; i < replicas; ++i) AddPod(kBegin - std::chrono::hours(1));
  }

  // Pods that became ready by now are; Prometheus learns what the turn looks like.
  void Turn(TimePoint now, const Weather& weather) {
    now_ = now;
    for (Pod& pod : pods_) pod.ready = *pod.ready_since <= now;
    scenes_[now] = Look(weather);
  }

  [[nodiscard]] std::vector<WatchUpdate> Lists() const {
    Workload workload{.kind = "Deployment", .key = Key(), .uid = "d-1", .resource_version = "1"};
    workload.generation = workload.observed_generation = 1;
    workload.spec_replicas = replicas;
    workload.status_replicas = workload.updated_replicas = static_cast<Replicas>(pods_.size());
    workload.progressing_reason = "NewReplicaSetAvailable";
    Workload set{.kind = "ReplicaSet", .key = {"shop", "checkout-x"}, .uid = "r-1"};
    set.controller = ControllerRef{"apps/v1", "Deployment", "checkout", "d-1"};
    ListReplaced pods;
    for (Pod pod : pods_) {
      if (!pod.ready) pod.ready_since.reset();
      pods.objects.emplace_back(std::move(pod));
    }
    return {{ResourceKind::kDeployments, ListReplaced{{workload}}},
            {ResourceKind::kReplicaSets, ListReplaced{{set}}},
            {ResourceKind::kPods, std::move(pods)},
            {ResourceKind::kScalingPolicies, ListReplaced{{CustomObject{Key(), policy}}}}};
  }

  Exchange AnswerKube(const HttpRequest& request) {
    if (request.target.find("/scale?") != std::string::npos) return Scale(request);
    if (request.target.find("/status") == std::string::npos) return Json({}, 201);
    if (loses_status) return Json({{"kind", "Status"}, {"message", "no"}}, 500);
    policy.merge_patch(nlohmann::json::parse(request.body));
    return Json(policy, 200);
  }

  [[nodiscard]] Exchange AnswerPrometheus(const HttpRequest& request) const {
    // Not a connection that fails: the circuit breaker goes by real time, which these turns do not.
    if (scenes_.at(now_).down) {
      return Json({{"status", "error"}, {"errorType", "execution"}, {"error", "down"}}, 422);
    }
    const std::string topic = TopicOf(PercentDecoded(Field(request.body, "query")));
    const bool range = request.target.find("query_range") != std::string::npos;
    const TimePoint first = Time(Field(request.body, range ? "start" : "time"));
    const TimePoint last = range ? Time(Field(request.body, "end")) : first;
    return Json({{"status", "success"}, {"data", Data(topic, first, last, range)}}, 200);
  }

  static ObjectKey Key() { return {"shop", "checkout"}; }

 private:
  static Exchange Json(const nlohmann::json& body, int status) {
    return {
        .status = status, .headers = {{"Content-Type", "application/json"}}, .body = body.dump()};
  }

  static std::string Field(const std::string& form, const std::string& name) {
    const std::string padded = "&" + form + "&";
    const std::size_t begin = padded.find("&" + name + "=") + name.size() + 2;
    return padded.substr(begin, padded.find('&', begin) - begin);
  }

  static TimePoint Time(const std::string& seconds) {
    return TimePoint(std::chrono::milliseconds(std::llround(std::stod(seconds) * 1000)));
  }

  static std::string PercentDecoded(const std::string& text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '%') {
        decoded += text[i];
        continue;
      }
      decoded += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    }
    return decoded;
  }

  static std::string TopicOf(const std::string& promql) {
    const auto has = [&](std::string_view part) { return promql.find(part) != std::string::npos; };
    if (has("queue_depth")) return "queueDepth";
    if (has("histogram_quantile")) return "latencyP99";
    if (has("irate(")) return "eventLoopUtilization";
    return has("clamp_min(") ? "eventLoopLagP99" : "traffic";
  }

  [[nodiscard]] nlohmann::json Data(const std::string& topic, TimePoint first, TimePoint last,
                                    bool range) const {
    std::map<std::map<std::string, std::string>, nlohmann::json> values;
    for (TimePoint time = first; time <= last; time += kPeriod) {
      const auto scene = scenes_.find(time);
      if (scene == scenes_.end() || !scene->second.topics.contains(topic)) continue;
      const double seconds = static_cast<double>(time.time_since_epoch().count()) / 1000;
      for (const auto& [labels, value] : scene->second.topics.at(topic)) {
        values[labels].push_back({seconds, nlohmann::json(value).dump()});
      }
    }
    nlohmann::json result = nlohmann::json::array();
    for (auto& [labels, samples] : values) {
      nlohmann::json row = {{"metric", labels}};
      row[range ? "values" : "value"] = range ? samples : samples.front();
      result.push_back(std::move(row));
    }
    return {{"resultType", range ? "matrix" : "vector"}, {"result", std::move(result)}};
  }

  void AddParts(Rows& rows, std::map<std::string_view, double> parts, bool uncovered,
                const std::string& pod = "") const {
    const double newest = static_cast<double>(now_.time_since_epoch().count()) / 1000 - 3;
    parts.insert({{part::kTime, newest},
                  {part::kBefore, 2},
                  {part::kFirst, 2},
                  {part::kSecond, uncovered ? 0 : 2}});
    for (const auto& [name, number] : parts) {
      std::map<std::string, std::string> labels = Labels();
      labels[std::string(kPartLabel)] = name;
      if (!pod.empty()) labels["pod"] = pod;
      rows[labels] = number;
    }
  }

  static std::map<std::string, std::string> Labels() {
    return {{"namespace", "shop"}, {std::string(kTargetLabel), "checkout"}};
  }

  [[nodiscard]] Scene Look(const Weather& weather) const {
    Scene scene{.down = weather.down, .topics = {}};
    if (weather.down) return scene;  // nothing was scraped either
    const auto ready = std::ranges::count_if(pods_, &Pod::ready);
    const double busy = weather.load / static_cast<double>(std::max<std::ptrdiff_t>(ready, 1));
    const double overload = std::max(busy - 0.8, 0.0);
    const double rate = weather.load * 20;
    const double failed = rate * overload / 10;
    AddParts(scene.topics["traffic"], {{part::kPassed, rate - failed}, {part::kFailed, failed}},
             weather.uncovered);
    scene.topics["latencyP99"][Labels()] = weather.latency + overload;
    for (const Pod& pod : pods_) {
      if (!pod.ready) continue;
      AddParts(scene.topics["eventLoopUtilization"], {{part::kValue, std::min(busy, 1.0)}},
               weather.uncovered, pod.key.name);
      AddParts(scene.topics["eventLoopLagP99"], {{part::kValue, 0.005 + overload / 5}}, false,
               pod.key.name);
    }
    if (!weather.without_queue) scene.topics["queueDepth"][{}] = weather.queue;
    return scene;
  }

  void AddPod(TimePoint created) {
    Pod pod{.key = {"shop", "checkout-x-" + std::to_string(++pods_made_)}};
    pod.uid = pod.key.name;
    pod.controller = ControllerRef{"apps/v1", "ReplicaSet", "checkout-x", "r-1"};
    pod.phase = "Running";
    pod.created = created;
    pod.ready_since = created + std::chrono::seconds(std::uniform_int_distribution(3, 25)(random_));
    pods_.push_back(std::move(pod));
  }

  // Unready pods go first, then the youngest, as ReplicaSets have it.
  void RemovePod() {
    const auto victim = std::ranges::max_element(
        pods_, {}, [](const Pod& pod) { return std::pair(!pod.ready, *pod.ready_since); });
    const TimePoint starting =
        TurnAt(std::min(*victim->ready_since - std::chrono::milliseconds(1), now_), kPeriod);
    if (starting >= victim->created) forgotten_start = std::max(forgotten_start, starting);
    pods_.erase(victim);
  }

  Exchange Scale(const HttpRequest& request) {
    replicas = nlohmann::json::parse(request.body)["spec"]["replicas"];
    const auto wanted = static_cast<std::size_t>(replicas);
    while (pods_.size() < wanted) AddPod(now_ + std::chrono::seconds(1));
    while (pods_.size() > wanted) RemovePod();
    const nlohmann::json meta = {
        {"name", "checkout"}, {"namespace", "shop"}, {"uid", "d-1"}, {"resourceVersion", "1"}};
    return Json({{"metadata", meta}, {"spec", {{"replicas", replicas}}}}, 200);
  }

  TimePoint now_{};
  std::vector<Pod> pods_;
  std::map<TimePoint, Scene> scenes_;
  std::mt19937 random_;
  int pods_made_ = 0;
};

}  // namespace evenkeel::test
