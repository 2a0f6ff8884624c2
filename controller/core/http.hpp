// HTTP messages as values: what the pure request builders make and the pure parsers take.
//
// A request says nothing of the server: base URL, TLS and credentials belong to the transport
// (controller/runtime/http_transport.hpp) that sends it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace evenkeel {

// Header names compare without regard to case (RFC 9110 § 5.1).
struct HeaderNameLess {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const;
};
using Headers = std::map<std::string, std::string, HeaderNameLess>;

struct HttpRequest {
  std::string method = "GET";
  std::string target;  // path and query below the server's base URL, percent-encoded: "/apis?x=1"
  Headers headers{};   // Content-Type among them where there is a body
  std::string body{};
  // Bounds the whole exchange (Send) or the silence between two pieces of the body (Stream).
  std::chrono::milliseconds deadline{10'000};
  std::size_t max_body = std::size_t{64} << 20;  // a larger answer is kTooLarge
  // A POST or PATCH that does no harm when it arrives twice (a query; a patch with a precondition).
  // Like GET, HEAD, PUT and DELETE it may then use a kept-alive connection, and is sent again if
  // the server had closed that. Any other goes once, on a connection of its own.
  bool idempotent = false;

  bool operator==(const HttpRequest&) const = default;
};

struct HttpResponse {
  int status = 0;
  Headers headers{};
  std::string body{};

  bool operator==(const HttpResponse&) const = default;
};

// Percent-encodes everything but unreserved characters (RFC 3986 § 2.3): for one path segment or
// one query or form value.
[[nodiscard]] std::string PercentEncode(std::string_view text);

}  // namespace evenkeel
