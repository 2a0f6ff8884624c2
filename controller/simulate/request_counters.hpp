// What an instrumented process counts of its requests: as prom-client and the proxies do.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace evenkeel {

// prom-client's default buckets and one at the objective; the last counts what is slower.
inline constexpr std::size_t kBuckets = 13;

class BucketBounds {
 public:
  explicit BucketBounds(double objective);

  [[nodiscard]] std::size_t IndexOf(float seconds) const {
    std::size_t index = 0;
    for (const float bound : bounds_) index += seconds > bound ? 1 : 0;
    return index;
  }
  // Upper bounds in ascending order, without +Inf; one that occurs twice makes an empty bucket.
  [[nodiscard]] float at(std::size_t index) const { return bounds_[index]; }

 private:
  std::array<float, kBuckets - 1> bounds_{};
};

struct RequestCounters {
  std::uint64_t requests = 0;
  std::uint64_t failed = 0;
  std::array<std::uint32_t, kBuckets> buckets{};  // not cumulative

  void Add(const BucketBounds& bounds, double latency, bool is_failure) {
    ++requests;
    failed += is_failure ? 1 : 0;
    ++buckets[bounds.IndexOf(static_cast<float>(latency))];
  }
};

}  // namespace evenkeel
