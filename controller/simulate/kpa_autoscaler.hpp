// The parts of Knative's pod autoscaler (KPA), each as its source has it: knative/serving 98e5ef9,
// pkg/autoscaler/{scaling/autoscaler.go, aggregation/bucketing.go, metrics/sample_size.go}. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>

#include "controller/simulate/sliding_maximum.hpp"
#include "policies/policy.hpp"
#include "policies/reading.hpp"

namespace evenkeel {

// How many of so many pods are asked: enough for the mean within 5 at 95 % confidence and a
// standard deviation of 10: ceil(N · X / (N + X - 1)), X = 1.96² · 100 / 25. All of up to 3, at
// most 16.
[[nodiscard]] std::size_t KpaSampleSize(std::size_t population);

// Sums in buckets of a second, averaged over a window that ends now.
class KpaBuckets {
 public:
  explicit KpaBuckets(std::chrono::seconds window);

  void Record(TimePoint now, double value);
  // Over the part of the window that has data: since the first record after a whole window without
  // any, and up to the last one. Gaps in between count as 0. Cut off to millionths.
  [[nodiscard]] double Average(TimePoint now) const;
  // Nothing for longer than the window.
  [[nodiscard]] bool Empty(TimePoint now) const;

 private:
  using Second = std::chrono::sys_seconds;
  struct Bucket {
    Second second;
    double sum = 0;
  };

  std::chrono::seconds window_;
  std::deque<Bucket> buckets_;  // within the window before the last
  Second first_{};              // since when there are data without a whole window's gap
};

// How often it decides (knative pkg/autoscaler/scaling/multiscaler.go, tickInterval).
inline constexpr std::chrono::seconds kKpaTick{2};

struct KpaSpec {
  double target = 2.1;  // in flight per pod: what a pod should carry, times the utilization
  std::chrono::seconds stable_window{60};
  double panic_threshold = 2;  // needed per ready pod
  double max_scale_up_rate = 1000;
  double max_scale_down_rate = 2;
  std::chrono::seconds scale_down_delay{0};
};

// From averages to a number of pods. It remembers whether it panics, and the most it asked for
// then.
class KpaAutoscaler {
 public:
  // In panic from the start if more than one pod is ready: a new one has no history yet, and must
  // not take away what the last one asked for.
  KpaAutoscaler(const KpaSpec& spec, Replicas ready, TimePoint now);

  // Every kKpaTick, with the averages over the stable and the panic window.
  [[nodiscard]] Replicas Scale(double stable, double panic, Replicas ready, TimePoint now);

  [[nodiscard]] bool Panics() const { return panic_since_.has_value(); }

 private:
  void JudgePanic(bool over, TimePoint now);
  [[nodiscard]] Replicas Delay(Replicas desired, TimePoint now);

  KpaSpec spec_;
  std::optional<TimePoint> panic_since_{};  // or extended
  Replicas most_in_panic_ = 0;
  // Of the delay's window, by buckets of kKpaTick.
  SlidingMaximum<std::chrono::sys_seconds, Replicas> wishes_;
};

}  // namespace evenkeel
