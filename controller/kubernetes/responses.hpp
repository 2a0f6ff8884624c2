// Answers of the Kubernetes API → values.
//
// Objects are filtered while they are parsed. JSON that is cut or not what the
// API promises is kMalformed; nothing throws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/core/http.hpp"
#include "controller/kubernetes/objects.hpp"
#include "controller/kubernetes/resources.hpp"
#include "policies/result.hpp"

namespace evenkeel {

// 2xx is Ok. Otherwise the kind says what to do, and the message is the API server's own:
//
//   400 405 406 413 415 422  kInvalid        410       kGone
//   401                      kUnauthorized   429       kThrottled (with retry_after)
//   403                      kForbidden      408, 5xx  kUnavailable (retry_after where given)
//   404                      kNotFound       others    kMalformed
//   409                      kConflict
//
// Retry-After counts in seconds, or as a date relative to the answer's own Date; where the header
// is missing, the Status' details.retryAfterSeconds stands in.
[[nodiscard]] Status CheckResponse(const HttpResponse& response);

struct ListPage {
  std::vector<Object> items;
  std::string resource_version{};  // where to watch from
  std::string continue_token{};    // of the next page; empty on the last one

  bool operator==(const ListPage&) const = default;
};

[[nodiscard]] Result<ListPage> ParseList(ResourceKind kind, const HttpResponse& response);
[[nodiscard]] Result<Object> ParseObject(ResourceKind kind, const HttpResponse& response);
[[nodiscard]] Result<Scale> ParseScale(const HttpResponse& response);

enum class WatchEventType : std::uint8_t { kAdded, kModified, kDeleted, kBookmark };

struct WatchEvent {
  WatchEventType type = WatchEventType::kAdded;
  std::string resource_version{};  // resume from here
  std::optional<Object> object{};  // absent with kBookmark

  bool operator==(const WatchEvent&) const = default;
};

// One line of a watch. An ERROR event becomes an Error by its code, as in CheckResponse; 410 in
// the stream is kGone.
[[nodiscard]] Result<WatchEvent> ParseWatchEvent(ResourceKind kind, std::string_view line);

// The resource of a target's kind, from the answer to DiscoverRequest. kInvalid, in a sentence for
// people, if the group has no such kind, or the kind has no namespace or no scale subresource.
[[nodiscard]] Result<Resource> ParseDiscovery(const HttpResponse& response,
                                              std::string_view api_version, std::string_view kind);

}  // namespace evenkeel
