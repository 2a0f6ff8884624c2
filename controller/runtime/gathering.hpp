// Gathering: asks all sources of a round at once, and hands out each one's answers when they are
// there, so that a source that hangs delays the decisions on its own policies only.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "controller/core/scaling_policy.hpp"
#include "controller/prometheus/planner.hpp"
#include "controller/runtime/fetcher.hpp"
#include "controller/runtime/recall.hpp"

namespace evenkeel {

// One source's part of a round. A policy is in one batch: it takes all its signals from one source.
struct Batch {
  std::string source;             // empty: of policies whose source is unknown or spec is invalid
  std::vector<ObjectKey> keys{};  // of all its policies
  std::vector<std::uint64_t> revisions{};  // of their specs, for which the plan is
  Plan plan{};
  PastPlan past{};  // of those that are to be recalled
  // What came, once the batch is handed out.
  Fetched readings{};
  Fetched turns{};
  std::chrono::nanoseconds took{0};
};

class Gathering {
 public:
  // Begins to ask. For all queries of a source together there is `deadline`; the past comes after
  // the readings, which are worth more. `fetcher` must outlive it.
  Gathering(Fetcher& fetcher, std::vector<Batch> batches, std::chrono::milliseconds deadline,
            std::stop_token stop);

  // The next batch whose answers are there; blocks until one is. Null once all were handed out.
  [[nodiscard]] Batch* Next();
  // Is the next one there already?
  [[nodiscard]] bool HasNext();

 private:
  void Ask(Batch& batch);

  Fetcher& fetcher_;
  const std::chrono::milliseconds deadline_;
  const std::stop_token stop_;
  std::vector<Batch> batches_;
  std::size_t handed_out_ = 0;
  std::mutex mutex_;  // guards ready_
  std::condition_variable arrived_;
  std::deque<Batch*> ready_;
  std::vector<std::jthread> workers_;  // last: joined before what they use goes away
};

}  // namespace evenkeel
