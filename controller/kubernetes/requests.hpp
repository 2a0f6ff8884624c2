// Requests to the Kubernetes API as values. Answers: responses.hpp.
//
// Every name is percent-encoded, every request has a deadline, every write names its field manager.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "controller/core/http.hpp"
#include "controller/core/scaling_policy.hpp"
#include "controller/core/status.hpp"
#include "controller/kubernetes/resources.hpp"
#include "policies/policy.hpp"
#include "policies/reading.hpp"

namespace evenkeel {

inline constexpr std::string_view kFieldManager = "evenkeel";
inline constexpr std::string_view kReportingController = "evenkeel.dev/controller";

struct ListOptions {
  std::string namespace_name{};  // empty: all namespaces
  std::string label_selector{};
  int limit = 500;               // items a page; 0 for all at once
  std::string continue_token{};  // of the page before
};

// No resourceVersion is asked for, so the list is the most recent one, in pages that agree with
// each other. 410 means that the continue token has expired: begin again.
[[nodiscard]] HttpRequest ListRequest(const Resource& resource, const ListOptions& options);

struct WatchOptions {
  std::string namespace_name{};
  std::string label_selector{};
  std::string resource_version{};                 // of the list, the last event or bookmark
  std::chrono::seconds timeout{60};               // the server ends the watch by itself after this
  std::chrono::milliseconds max_silence{90'000};  // above `timeout`: bookmarks may never come
};

// For HttpTransport::Stream.
[[nodiscard]] HttpRequest WatchRequest(const Resource& resource, const WatchOptions& options);

[[nodiscard]] HttpRequest GetRequest(const Resource& resource, const ObjectKey& key);
[[nodiscard]] HttpRequest GetScaleRequest(const Resource& resource, const ObjectKey& key);

// Merge-patch of spec.replicas, refused with 409 unless the object still has `resource_version`.
[[nodiscard]] HttpRequest PatchScaleRequest(const Resource& resource, const ObjectKey& key,
                                            Replicas replicas, std::string_view resource_version);

// Merge-patch that turns the status `before` (as last seen; may be null) into `after`. `uid` names
// the object that is meant. API servers (seen: 1.37) do not check it on the status of custom
// resources: a new policy of an old one's name may get that one's status, until its own first
// decision.
[[nodiscard]] HttpRequest PatchStatusRequest(const ObjectKey& policy, std::string_view uid,
                                             const nlohmann::json& before,
                                             const nlohmann::json& after);

// What an Event is about.
struct EventSubject {
  std::string api_version{};
  std::string kind{};
  ObjectKey key{};
  std::string uid{};
  std::string resource_version{};
};

struct EventContext {
  EventSubject regarding{};          // the ScalingPolicy
  EventSubject related{};            // its target
  std::string reporting_instance{};  // the controller's pod
  TimePoint time{};
};

// POST of an events.k8s.io/v1 Event. Its name is made from its content, so that the same event sent
// twice is refused with 409, which is as good as done. Texts are cut to what the API takes.
[[nodiscard]] HttpRequest CreateEventRequest(const EventNote& note, const EventContext& context);

// What the group and version hold: to find the plural of a kind. `api_version` as in targetRef.
[[nodiscard]] HttpRequest DiscoverRequest(std::string_view api_version);

// RFC 7386: the patch that makes `after` of `before`; an empty object if they are equal.
[[nodiscard]] nlohmann::json MergePatch(const nlohmann::json& before, const nlohmann::json& after);

}  // namespace evenkeel
