#include "controller/kubernetes/responses.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "controller/core/http.hpp"
#include "controller/kubernetes/http_date.hpp"
#include "controller/kubernetes/json_access.hpp"
#include "controller/kubernetes/json_filter.hpp"
#include "controller/kubernetes/object_parser.hpp"
#include "controller/kubernetes/objects.hpp"
#include "controller/kubernetes/resources.hpp"
#include "policies/policy.hpp"
#include "policies/result.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;
using std::chrono::seconds;

// Retry-After is a wish: what is longer than this is as good as a day.
constexpr std::int64_t kMaxRetryAfterSeconds = 86'400;

ErrorKind KindOf(std::int64_t status) {
  switch (status) {
    case 400:
    case 405:
    case 406:
    case 413:
    case 415:
    case 422:
      return ErrorKind::kInvalid;
    case 401:
      return ErrorKind::kUnauthorized;
    case 403:
      return ErrorKind::kForbidden;
    case 404:
      return ErrorKind::kNotFound;
    case 408:
      return ErrorKind::kUnavailable;
    case 409:
      return ErrorKind::kConflict;
    case 410:
      return ErrorKind::kGone;
    case 429:
      return ErrorKind::kThrottled;
    default:
      return status >= 500 && status < 600 ? ErrorKind::kUnavailable : ErrorKind::kMalformed;
  }
}

std::string_view Header(const HttpResponse& response, std::string_view name) {
  const auto found = response.headers.find(name);
  return found == response.headers.end() ? std::string_view{} : std::string_view(found->second);
}

std::optional<seconds> RetryAfterHeader(const HttpResponse& response) {
  const std::string_view text = Header(response, "Retry-After");
  std::int64_t count = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (!text.empty() && fault == std::errc{} && end == text.data() + text.size()) {
    return seconds(count);
  }
  const auto until = ParseHttpDate(text);
  const auto now = ParseHttpDate(Header(response, "Date"));
  if (!until || !now) return std::nullopt;
  return *until - *now;
}

std::optional<std::chrono::milliseconds> RetryAfter(const HttpResponse& response,
                                                    const json& status) {
  std::optional<seconds> wish = RetryAfterHeader(response);
  if (!wish) {
    const auto count = IntegerField(status, "details.retryAfterSeconds");
    if (count && *count > 0) wish = seconds(*count);
  }
  if (!wish) return std::nullopt;
  return std::clamp(*wish, seconds{0}, seconds{kMaxRetryAfterSeconds});
}

// On one line and of a bounded length, since it ends up in logs and conditions.
std::string OneLine(std::string_view text, std::size_t limit) {
  std::string line(text.substr(0, limit));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20U; }, ' ');
  return line;
}

// The message of a metav1.Status, or the beginning of, say, a proxy's error page.
std::string MessageOf(const json& status, std::string_view body) {
  const std::string message = StringField(status, "message");
  if (!message.empty()) return OneLine(message, 1000);
  return body.empty() ? "no message" : OneLine(body, 200);
}

Error Malformed(std::string message) { return {ErrorKind::kMalformed, std::move(message), {}}; }

// The body of a 2xx answer, filtered.
Result<json> ParseBody(const HttpResponse& response, const Shape& shape) {
  if (const Status status = CheckResponse(response); !status) return status.error();
  auto body = ParseFiltered(response.body, shape);
  if (body && !body->is_object()) return Malformed("a JSON object was expected");
  return body;
}

Shape ListShape(ResourceKind kind) {
  return Shape::Only({"metadata.resourceVersion", "metadata.continue"})
      .With("items", ShapeOf(kind));
}

const Shape& Everything() {
  static const Shape everything = Shape::AllBut({});
  return everything;
}

Result<Replicas> ReplicasAt(const json& body, std::string_view path) {
  // 0 is omitted from the wire.
  if (FindField(body, path) == nullptr) return Replicas{0};
  const auto count = IntegerField(body, path);
  if (!count || *count < 0 || *count > std::numeric_limits<Replicas>::max()) {
    return Malformed("Scale: field " + std::string(path) + " is not a count");
  }
  return static_cast<Replicas>(*count);
}

std::optional<WatchEventType> TypeOf(std::string_view name) {
  if (name == "ADDED") return WatchEventType::kAdded;
  if (name == "MODIFIED") return WatchEventType::kModified;
  if (name == "DELETED") return WatchEventType::kDeleted;
  if (name == "BOOKMARK") return WatchEventType::kBookmark;
  return std::nullopt;
}

Error StatusError(const json& status) {
  const std::int64_t code = IntegerField(status, "code").value_or(0);
  return {KindOf(code), "watch: " + std::to_string(code) + ": " + MessageOf(status, {}),
          RetryAfter({}, status)};
}

Error NotScalable(std::string_view api_version, std::string_view kind, std::string_view why) {
  return {ErrorKind::kInvalid,
          std::string(kind) + " of " + std::string(api_version) + " " + std::string(why),
          {}};
}

}  // namespace

Status CheckResponse(const HttpResponse& response) {
  if (response.status / 100 == 2) return Ok();
  const json status = json::parse(response.body, nullptr, false);
  return Error{
      KindOf(response.status),
      "HTTP status " + std::to_string(response.status) + ": " + MessageOf(status, response.body),
      RetryAfter(response, status)};
}

Result<ListPage> ParseList(ResourceKind kind, const HttpResponse& response) {
  auto body = ParseBody(response, ListShape(kind));
  if (!body) return body.error();
  ListPage page{.items = {},
                .resource_version = StringField(*body, "metadata.resourceVersion"),
                .continue_token = StringField(*body, "metadata.continue")};
  if (page.resource_version.empty()) return Malformed("the list has no resourceVersion");
  const auto items = body->find("items");
  if (items == body->end() || items->is_null()) return page;
  if (!items->is_array()) return Malformed("the list's items are not an array");
  page.items.reserve(items->size());
  for (json& item : *items) {
    auto object = ToObject(kind, std::move(item));
    if (!object) return object.error();
    page.items.push_back(*std::move(object));
  }
  return page;
}

Result<Object> ParseObject(ResourceKind kind, const HttpResponse& response) {
  auto body = ParseBody(response, ShapeOf(kind));
  if (!body) return body.error();
  return ToObject(kind, *std::move(body));
}

Result<Scale> ParseScale(const HttpResponse& response) {
  const auto body = ParseBody(response, Everything());
  if (!body) return body.error();
  const auto wanted = ReplicasAt(*body, "spec.replicas");
  if (!wanted) return wanted.error();
  const auto current = ReplicasAt(*body, "status.replicas");
  if (!current) return current.error();
  Scale scale{
      .key = {StringField(*body, "metadata.namespace"), StringField(*body, "metadata.name")},
      .uid = StringField(*body, "metadata.uid"),
      .resource_version = StringField(*body, "metadata.resourceVersion"),
      .spec_replicas = *wanted,
      .status_replicas = *current,
      .selector = StringField(*body, "status.selector")};
  if (scale.resource_version.empty()) return Malformed("the Scale has no resourceVersion");
  return scale;
}

Result<WatchEvent> ParseWatchEvent(ResourceKind kind, std::string_view line) {
  auto frame = ParseFiltered(line, Shape::Only({"type"}).With("object", ShapeOf(kind)));
  if (!frame) return frame.error();
  const std::string name = StringField(*frame, "type");
  const auto object = frame->find("object");
  if (object == frame->end() || !object->is_object()) return Malformed("event without an object");
  if (name == "ERROR") return StatusError(*object);
  const auto type = TypeOf(name);
  if (!type) return Malformed("event of unknown type \"" + OneLine(name, 40) + "\"");

  WatchEvent event{.type = *type,
                   .resource_version = StringField(*object, "metadata.resourceVersion")};
  if (event.resource_version.empty()) return Malformed("event without a resourceVersion");
  if (*type == WatchEventType::kBookmark) return event;
  auto parsed = ToObject(kind, std::move(*object));
  if (!parsed) return parsed.error();
  event.object = *std::move(parsed);
  return event;
}

Result<Resource> ParseDiscovery(const HttpResponse& response, std::string_view api_version,
                                std::string_view kind) {
  const auto body = ParseBody(response, Everything());
  if (!body) {
    if (body.error().kind != ErrorKind::kNotFound) return body.error();
    return NotScalable(api_version, kind, "is unknown to the cluster: it has no such API version");
  }
  const json* entries = FindField(*body, "resources");
  if (entries == nullptr || !entries->is_array()) return Malformed("discovery without resources");

  const auto has = [&](const auto& matches) {
    return std::find_if(entries->begin(), entries->end(), matches);
  };
  const auto entry = has([&](const json& e) {
    return StringField(e, "kind") == kind && StringField(e, "name").find('/') == std::string::npos;
  });
  if (entry == entries->end()) {
    return NotScalable(api_version, kind, "is unknown to the cluster: the group has no such kind");
  }
  if (!BoolField(*entry, "namespaced")) {
    return NotScalable(api_version, kind, "cannot be scaled: it has no namespace");
  }
  const std::string plural = StringField(*entry, "name");
  const auto scale =
      has([&](const json& e) { return StringField(e, "name") == plural + "/scale"; });
  if (scale == entries->end()) {
    return NotScalable(api_version, kind, "cannot be scaled: it has no scale subresource");
  }
  const std::size_t slash = api_version.find('/');
  const bool core = slash == std::string_view::npos;
  return Resource{core ? std::string{} : std::string(api_version.substr(0, slash)),
                  std::string(core ? api_version : api_version.substr(slash + 1)), plural,
                  std::string(kind)};
}

}  // namespace evenkeel
