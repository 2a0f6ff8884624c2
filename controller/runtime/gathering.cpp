#include "controller/runtime/gathering.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <stop_token>
#include <utility>
#include <vector>

namespace evenkeel {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

Gathering::Gathering(Fetcher& fetcher, std::vector<Batch> batches, milliseconds deadline,
                     std::stop_token stop)
    : fetcher_(fetcher), deadline_(deadline), stop_(std::move(stop)), batches_(std::move(batches)) {
  for (Batch& batch : batches_) workers_.emplace_back([this, &batch] { Ask(batch); });
}

void Gathering::Ask(Batch& batch) {
  const auto begin = steady_clock::now();
  batch.readings = fetcher_.Fetch(batch.plan, deadline_, stop_);
  const auto used = std::chrono::ceil<milliseconds>(steady_clock::now() - begin);
  batch.turns = fetcher_.Fetch(batch.past.plan, std::max(deadline_ - used, milliseconds(0)), stop_);
  batch.took = steady_clock::now() - begin;
  {
    const std::lock_guard lock(mutex_);
    ready_.push_back(&batch);
  }
  arrived_.notify_one();
}

Batch* Gathering::Next() {
  if (handed_out_ == batches_.size()) return nullptr;
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [this] { return !ready_.empty(); });
  Batch* batch = ready_.front();
  ready_.pop_front();
  ++handed_out_;
  return batch;
}

bool Gathering::HasNext() {
  const std::lock_guard lock(mutex_);
  return !ready_.empty();
}

}  // namespace evenkeel
