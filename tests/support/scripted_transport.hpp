// ScriptedTransport: the hand-written fake at the HTTP seam. A script answers each request; the
// requests that came are kept. Safe to use from several threads.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "controller/runtime/http_transport.hpp"

namespace evenkeel::test {

// One exchange: what the server does. For Stream, `body` is dealt out in `pieces`; afterwards the
// exchange ends with `error` if there is one. `until_stopped` keeps it open (a silent server) until
// the caller stops it.
struct Exchange {
  int status = 200;
  Headers headers{};
  std::string body{};
  std::vector<std::string> pieces{};
  std::optional<Error> error{};
  bool until_stopped = false;
};

class ScriptedTransport : public HttpTransport {
 public:
  using Script = std::function<Exchange(const HttpRequest&)>;

  // Every request is answered by `script`.
  explicit ScriptedTransport(Script script);
  // The exchanges are played in order; asking for more is answered with kUnavailable.
  explicit ScriptedTransport(std::vector<Exchange> exchanges);

  Result<HttpResponse> Send(const HttpRequest& request, std::stop_token stop) override;
  Result<HttpResponse> Stream(const HttpRequest& request, const OnData& on_data,
                              std::stop_token stop) override;

  [[nodiscard]] std::vector<HttpRequest> requests() const;

 private:
  Exchange Next(const HttpRequest& request);

  mutable std::mutex mutex_;
  Script script_;
  std::vector<HttpRequest> requests_;
};

}  // namespace evenkeel::test
