#include "controller/runtime/episodes.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

#include "controller/core/time_format.hpp"

namespace evenkeel {
namespace {

constexpr std::chrono::milliseconds kTick{500};

// Counts down the workers.
class Latch {
 public:
  explicit Latch(std::size_t count) : count_(count) {}

  void CountDown() {
    const std::lock_guard lock(mutex_);
    if (--count_ == 0) done_.notify_all();
  }

  // Whether all have counted down.
  [[nodiscard]] bool WaitFor(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return done_.wait_for(lock, time, [&] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t count_;
};

}  // namespace

void RunTasks(std::size_t count, unsigned threads, const std::atomic<bool>& stop,
              const std::function<void(std::size_t)>& task, const std::function<void()>& tick) {
  const std::size_t workers = std::clamp<std::size_t>(threads, 1, std::max<std::size_t>(count, 1));
  std::atomic<std::size_t> next{0};
  Latch running(workers);
  std::vector<std::jthread> pool;
  for (std::size_t i = 0; i < workers; ++i) {
    pool.emplace_back([&] {
      while (!stop) {
        const std::size_t mine = next++;
        if (mine >= count) break;
        task(mine);
      }
      running.CountDown();
    });
  }
  while (!running.WaitFor(kTick)) tick();
}

std::string FormatProgress(const Progress& progress) {
  const double seconds = std::max(progress.elapsed.count(), 1e-3);
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(), "%zu of %zu episodes (%.0f %%), %.1f million requests/s",
                progress.done, progress.total,
                progress.total > 0 ? 100.0 * static_cast<double>(progress.done) /
                                         static_cast<double>(progress.total)
                                   : 100.0,
                static_cast<double>(progress.requests) / seconds / 1e6);
  if (progress.done == 0 || progress.done == progress.total) return text.data();
  const double left = seconds / static_cast<double>(progress.done) *
                      static_cast<double>(progress.total - progress.done);
  return std::string(text.data()) + ", about " +
         FormatDuration(std::chrono::seconds(static_cast<std::int64_t>(left + 0.5))) + " left";
}

}  // namespace evenkeel
