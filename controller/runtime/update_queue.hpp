// UpdateQueue: from the watchers' threads to the one thread that owns the world.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>
#include <vector>

#include "controller/kubernetes/watch_cache.hpp"

namespace evenkeel {

class UpdateQueue {
 public:
  void Push(WatchUpdate update) {
    {
      const std::lock_guard lock(mutex_);
      updates_.push_back(std::move(update));
    }
    arrived_.notify_one();
  }

  // All updates so far, in order; empty if there are none.
  [[nodiscard]] std::vector<WatchUpdate> TakeAll() {
    const std::lock_guard lock(mutex_);
    return std::exchange(updates_, {});
  }

  // Returns when an update is there, at `until`, or when stopped.
  void WaitUntil(std::chrono::steady_clock::time_point until, std::stop_token stop) {
    std::unique_lock lock(mutex_);
    arrived_.wait_until(lock, std::move(stop), until, [this] { return !updates_.empty(); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::vector<WatchUpdate> updates_;
};

}  // namespace evenkeel
