// OpsServer: the small HTTP server for operators and kubelet: /metrics, /healthz, /readyz, /debug.
//
// Plain HTTP, GET and HEAD, one thread of its own, so that a busy or stuck controller still
// answers. Handlers run on that thread, one at a time: they may take locks that are held briefly,
// nothing more. Whoever can reach the port can do no more than read: connections are bounded in
// number (beyond that the oldest is closed), a request must come within 5 s, an answer be taken
// within 10 s, an idle connection is closed after 30 s, and headers and bodies are bounded by 8 KiB
// each.
//
// Boost.Beast, and not cpprest's http_listener, because that failed here: it keeps idle connections
// for ever, has no limit on headers (200 MB of one header line were held in memory) and shares its
// threads with the HTTP client.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "policies/result.hpp"

namespace evenkeel {

struct OpsResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body{};
};

// By path, which is compared whole and without the query: "/metrics".
using OpsHandlers = std::map<std::string, std::function<OpsResponse()>, std::less<>>;

class OpsServer {
 public:
  static constexpr std::size_t kMaxConnections = 200;

  // `address` is "host:port": an IP address ("0.0.0.0:8080", "[::]:8080"), or nothing for all
  // addresses (":8080"); port 0 takes a free one. Serves from now on. kInvalid or kUnavailable name
  // the address and the reason. An exception from a handler is answered with 500.
  [[nodiscard]] static Result<std::unique_ptr<OpsServer>> Start(const std::string& address,
                                                                OpsHandlers handlers);
  // Closes all connections and waits for the handler that is running.
  ~OpsServer();
  OpsServer(const OpsServer&) = delete;
  OpsServer& operator=(const OpsServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;

 private:
  class Impl;
  explicit OpsServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel
