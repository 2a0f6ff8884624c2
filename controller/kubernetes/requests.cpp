#include "controller/kubernetes/requests.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "controller/core/http.hpp"
#include "controller/core/scaling_policy.hpp"
#include "controller/core/status.hpp"
#include "controller/core/time_format.hpp"
#include "controller/kubernetes/resources.hpp"
#include "policies/policy.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kListDeadline{30'000};  // the first one may be long
constexpr std::size_t kMaxObject = std::size_t{16} << 20;
// Bounds of events.k8s.io/v1.
constexpr std::size_t kMaxNote = 1024;
constexpr std::size_t kMaxEventField = 128;
constexpr std::size_t kMaxName = 253;

std::string GroupPath(std::string_view api_version) {
  const std::size_t slash = api_version.find('/');
  if (slash == std::string_view::npos) return "/api/" + PercentEncode(api_version);
  return "/apis/" + PercentEncode(api_version.substr(0, slash)) + "/" +
         PercentEncode(api_version.substr(slash + 1));
}

std::string CollectionPath(const Resource& resource, std::string_view namespace_name) {
  std::string path = GroupPath(resource.ApiVersion());
  if (!namespace_name.empty()) path += "/namespaces/" + PercentEncode(namespace_name);
  return path + "/" + PercentEncode(resource.plural);
}

std::string ObjectPath(const Resource& resource, const ObjectKey& key) {
  return CollectionPath(resource, key.namespace_name) + "/" + PercentEncode(key.name);
}

// Collects "?a=b&c=d"; empty values are left out.
class Query {
 public:
  Query& Add(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    text_ += text_.empty() ? '?' : '&';
    text_.append(name) += '=';
    text_ += PercentEncode(value);
    return *this;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

HttpRequest Get(std::string target) {
  return {.method = "GET",
          .target = std::move(target),
          .headers = {{"Accept", "application/json"}},
          .body = {},
          .max_body = kMaxObject};
}

// Refuses nothing that our own code cannot make: bytes that are not UTF-8 are replaced.
std::string Dump(const json& body) {
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

// All of ours may arrive twice: a patch says what shall be, an Event's name is made from its
// content.
HttpRequest Write(std::string_view method, const std::string& path, std::string_view content_type,
                  const json& body) {
  return {.method = std::string(method),
          .target = path + Query().Add("fieldManager", kFieldManager).text(),
          .headers = {{"Accept", "application/json"}, {"Content-Type", std::string(content_type)}},
          .body = Dump(body),
          .max_body = kMaxObject,
          .idempotent = true};
}

HttpRequest Patch(const std::string& path, const json& body) {
  return Write("PATCH", path, "application/merge-patch+json", body);
}

// At most `limit` bytes, never cut inside a UTF-8 character.
std::string Truncate(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  std::size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end));
}

json Reference(const EventSubject& subject) {
  json reference{{"apiVersion", subject.api_version},
                 {"kind", subject.kind},
                 {"namespace", subject.key.namespace_name},
                 {"name", subject.key.name}};
  if (!subject.uid.empty()) reference["uid"] = subject.uid;
  if (!subject.resource_version.empty()) reference["resourceVersion"] = subject.resource_version;
  return reference;
}

// FNV-1a, 64 bits: for a name that is unique in practice, not for secrets.
std::string Fingerprint(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  std::array<char, 16> digits{};
  for (std::size_t i = digits.size(); i-- > 0; hash >>= 4U) {
    digits[i] = "0123456789abcdef"[hash & 0xFU];
  }
  return {digits.begin(), digits.end()};
}

// "checkout.89abcdef01234567", a DNS subdomain as the policy's own name is.
std::string EventName(const EventSubject& regarding, const json& event) {
  const std::string fingerprint = Fingerprint(Dump(event));
  std::string name = Truncate(regarding.key.name, kMaxName - fingerprint.size() - 1);
  while (!name.empty() && (name.back() == '.' || name.back() == '-')) name.pop_back();
  return name + "." + fingerprint;
}

}  // namespace

HttpRequest ListRequest(const Resource& resource, const ListOptions& options) {
  const std::string limit = options.limit > 0 ? std::to_string(options.limit) : std::string{};
  HttpRequest request = Get(CollectionPath(resource, options.namespace_name) +
                            Query()
                                .Add("labelSelector", options.label_selector)
                                .Add("limit", limit)
                                .Add("continue", options.continue_token)
                                .text());
  request.deadline = kListDeadline;
  request.max_body = HttpRequest{}.max_body;
  return request;
}

HttpRequest WatchRequest(const Resource& resource, const WatchOptions& options) {
  HttpRequest request = Get(CollectionPath(resource, options.namespace_name) +
                            Query()
                                .Add("watch", "true")
                                .Add("allowWatchBookmarks", "true")
                                .Add("labelSelector", options.label_selector)
                                .Add("resourceVersion", options.resource_version)
                                .Add("timeoutSeconds", std::to_string(options.timeout.count()))
                                .text());
  request.deadline = options.max_silence;
  return request;
}

HttpRequest GetRequest(const Resource& resource, const ObjectKey& key) {
  return Get(ObjectPath(resource, key));
}

HttpRequest GetScaleRequest(const Resource& resource, const ObjectKey& key) {
  return Get(ObjectPath(resource, key) + "/scale");
}

HttpRequest PatchScaleRequest(const Resource& resource, const ObjectKey& key, Replicas replicas,
                              std::string_view resource_version) {
  return Patch(
      ObjectPath(resource, key) + "/scale",
      {{"metadata", {{"resourceVersion", resource_version}}}, {"spec", {{"replicas", replicas}}}});
}

HttpRequest PatchStatusRequest(const ObjectKey& policy, std::string_view uid, const json& before,
                               const json& after) {
  return Patch(ObjectPath(Describe(ResourceKind::kScalingPolicies), policy) + "/status",
               {{"metadata", {{"uid", uid}}}, {"status", MergePatch(before, after)}});
}

HttpRequest CreateEventRequest(const EventNote& note, const EventContext& context) {
  json event{{"apiVersion", "events.k8s.io/v1"},
             {"kind", "Event"},
             {"eventTime", FormatMicroTime(context.time)},
             {"reportingController", kReportingController},
             {"reportingInstance", Truncate(context.reporting_instance, kMaxEventField)},
             {"type", note.warning ? "Warning" : "Normal"},
             {"reason", Truncate(note.reason, kMaxEventField)},
             {"action", Truncate(note.action, kMaxEventField)},
             {"note", Truncate(note.message, kMaxNote)},
             {"regarding", Reference(context.regarding)},
             {"related", Reference(context.related)}};
  const std::string& space = context.regarding.key.namespace_name;
  event["metadata"] = {{"namespace", space}, {"name", EventName(context.regarding, event)}};
  const Resource events{"events.k8s.io", "v1", "events", "Event"};
  return Write("POST", CollectionPath(events, space), "application/json", event);
}

HttpRequest DiscoverRequest(std::string_view api_version) { return Get(GroupPath(api_version)); }

json MergePatch(const json& before, const json& after) {
  if (!before.is_object() || !after.is_object()) return after;
  json patch = json::object();
  for (const auto& [name, value] : before.items()) {
    if (!after.contains(name)) patch[name] = nullptr;
  }
  for (const auto& [name, value] : after.items()) {
    const auto old = before.find(name);
    if (old == before.end()) {
      patch[name] = value;
    } else if (*old != value) {
      patch[name] = MergePatch(*old, value);
    }
  }
  return patch;
}

}  // namespace evenkeel
