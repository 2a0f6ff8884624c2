// Many simulations at once: a queue of tasks on all cores, and how far it is.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace evenkeel {

// Runs task(0) to task(count - 1) on so many threads, started in that order, and returns when none
// runs any more. Once `stop` is true no further one is started. `tick` is called on the calling
// thread every half second meanwhile.
void RunTasks(std::size_t count, unsigned threads, const std::atomic<bool>& stop,
              const std::function<void(std::size_t)>& task, const std::function<void()>& tick);

struct Progress {
  std::size_t done = 0;
  std::size_t total = 0;
  std::uint64_t requests = 0;  // simulated so far
  std::chrono::duration<double> elapsed{0};
};
// "12 of 84 episodes (14 %), 2.9 million requests/s, about 3m10s left"; the end is not told before
// an episode is done.
[[nodiscard]] std::string FormatProgress(const Progress& progress);

}  // namespace evenkeel
