// Short forms for tests of the real transport.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "controller/core/http.hpp"
#include "controller/core/server_config.hpp"
#include "controller/runtime/http_transport.hpp"
#include "support/catch.hpp"

namespace evenkeel::test {

inline std::unique_ptr<HttpTransport> Connect(const ServerConfig& config) {
  auto transport = MakeHttpTransport(config);
  if (!transport) FAIL(transport.error().message);
  return *std::move(transport);
}

inline HttpRequest Get(const std::string& target,
                       std::chrono::milliseconds deadline = std::chrono::seconds(30)) {
  return {.target = target, .deadline = deadline};
}

// Polls until it holds, for at most thirty seconds.
inline bool Await(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

class Stopwatch {
 public:
  [[nodiscard]] std::chrono::steady_clock::duration Elapsed() const {
    return std::chrono::steady_clock::now() - start_;
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace evenkeel::test
