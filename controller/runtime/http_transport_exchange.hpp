// One request and its answer over cpprest.
//
// cpprest works on its I/O thread and is touched nowhere else: requests start and are cancelled
// there, which makes its cancellation, unsafe across threads, safe. The caller's thread sleeps here
// until headers, data or the end come, or the deadline, or a request to stop, and on_data runs on
// it. Between the two lies a window of at most 256 KiB; while it is full, cpprest reads no more.
//
// Known limits of the library: it holds a header block, and a single chunk of a chunked body, whole
// in memory before any of it is seen here, so that these are bounded by the deadline only.
#pragma once

#include <cpprest/http_client.h>

#include <chrono>
#include <stop_token>
#include <string>

#include "controller/core/http.hpp"
#include "controller/runtime/http_transport.hpp"
#include "controller/runtime/http_transport_tls.hpp"
#include "policies/result.hpp"

namespace evenkeel {

struct ExchangeCall {
  web::http::http_request message;  // complete, credentials included
  const HttpRequest& request;       // for its deadline and max_body
  std::string label;                // "GET https://host/path", for error messages
  std::chrono::steady_clock::time_point until;
  const OnData* on_data = nullptr;  // if set, a 2xx body goes there, and `until` moves on with it
  const TlsSettings* tls = nullptr;
};

struct ExchangeOutcome {
  Result<HttpResponse> response;
  // The server did not take the request: probably it had closed the kept-alive connection.
  bool stale_connection = false;
};

[[nodiscard]] ExchangeOutcome RunExchange(const web::http::client::http_client& client,
                                          ExchangeCall call, const std::stop_token& stop);

}  // namespace evenkeel
