// Watcher: keeps up with one resource of the API server, for as long as it lives.
//
// A thread of its own lists, watches, resumes, backs off (controller/kubernetes/watch_state.hpp)
// and hands every change to a sink. It gives up on nothing but a request to stop.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "controller/core/backoff.hpp"
#include "controller/kubernetes/resources.hpp"
#include "controller/kubernetes/watch_cache.hpp"
#include "controller/kubernetes/watch_state.hpp"
#include "controller/runtime/http_transport.hpp"

namespace evenkeel {

// Called on the watcher's thread, one call at a time: hand over and return.
using WatchSink = std::function<void(WatchUpdate)>;

struct WatcherOptions {
  ResourceKind resource = ResourceKind::kScalingPolicies;
  std::string namespace_name{};                   // empty: all namespaces
  std::uint64_t seed = 0;                         // of the jitter; give each watcher its own
  int page_limit = 500;                           // at first; less once a page was too large
  std::chrono::milliseconds max_silence{90'000};  // then the connection is taken for dead
  std::chrono::milliseconds healthy_after = kHealthyWatch;
  Backoff backoff{};
};

class Watcher {
 public:
  // Starts at once. `transport` must outlive it.
  Watcher(HttpTransport& transport, WatcherOptions options, WatchSink sink);
  // Stops promptly and waits for the thread; the sink is not called afterwards.
  ~Watcher() = default;
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  // Begins to stop without waiting: for many watchers at once.
  void RequestStop() { thread_.request_stop(); }
  // Has the whole list been handed over at least once? From any thread.
  [[nodiscard]] bool Synced() const { return synced_.load(); }
  [[nodiscard]] ResourceKind resource() const { return resource_; }

 private:
  ResourceKind resource_;
  std::atomic<bool> synced_{false};
  std::jthread thread_;  // last: it uses the members above
};

}  // namespace evenkeel
