// HttpTransport: the one seam through which this program talks to a server.
//
// An instance stands for one server (base URL, TLS, credentials); it is real
// (http_transport_cpprest.cpp) or scripted (tests/support/scripted_transport.hpp). Any HTTP status
// is a response, not an error: what it means is the parsers' to say. Errors are kUnavailable,
// kTimeout, kTls, kTooLarge, kMalformed and kCancelled (and kInvalid for a request that cannot be
// written). Nothing is retried here, except a request
// that met a kept-alive connection which the server had closed, when it is safe to repeat.
// All members may be called from several threads at once. No redirect is followed.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "controller/core/http.hpp"
#include "controller/core/server_config.hpp"
#include "policies/result.hpp"

namespace evenkeel {

// Takes the next piece of the body, cut anywhere, and first of all, when the answer begins, an
// empty one; returns false to end the exchange.
using OnData = std::function<bool(std::string_view)>;

class HttpTransport {
 public:
  virtual ~HttpTransport() = default;

  // The whole answer. A request to stop ends it with kCancelled within a second.
  [[nodiscard]] virtual Result<HttpResponse> Send(const HttpRequest& request,
                                                  std::stop_token stop) = 0;

  // The answer piece by piece, for watches: the returned response has status and headers, and the
  // body only if the status is not 2xx. Returns when the server ends the body, on_data returns
  // false, the connection breaks (kUnavailable), or nothing came for request.deadline (kTimeout).
  [[nodiscard]] virtual Result<HttpResponse> Stream(const HttpRequest& request,
                                                    const OnData& on_data,
                                                    std::stop_token stop) = 0;
};

// Starts the threads that all transports share; only the first call counts. MakeHttpTransport makes
// it for those who do not. One thread is right: it only moves bytes (parsing is the caller's), and
// with more the library races with its own cancellation.
void InitializeHttpThreads(std::size_t threads = 1);

// kInvalid names the field and file that cannot be used.
[[nodiscard]] Result<std::unique_ptr<HttpTransport>> MakeHttpTransport(const ServerConfig& config);

}  // namespace evenkeel
