#include "controller/simulate/kpa_autoscaler.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <limits>

namespace evenkeel {
namespace {

using std::chrono::seconds;

constexpr double kSample = 1.96 * 1.96 * 100 / 25;
constexpr double kPrecision = 1e6;
constexpr double kMostReplicas = std::numeric_limits<Replicas>::max();

Replicas ToReplicas(double replicas) {
  return static_cast<Replicas>(std::clamp(replicas, 0.0, kMostReplicas));
}

}  // namespace

std::size_t KpaSampleSize(std::size_t population) {
  if (population < 3) return population;
  const auto n = static_cast<double>(population);
  return static_cast<std::size_t>(std::ceil(n * kSample / (n + kSample - 1)));
}

KpaBuckets::KpaBuckets(seconds window) : window_(window) {}

void KpaBuckets::Record(TimePoint now, double value) {
  const Second second = std::chrono::floor<seconds>(now);
  if (buckets_.empty() || second - buckets_.back().second >= window_) {
    buckets_.clear();
    first_ = second;
  }
  if (buckets_.empty() || buckets_.back().second < second) buckets_.push_back({second, 0});
  buckets_.back().sum += value;
  while (buckets_.front().second <= second - window_) buckets_.pop_front();
}

double KpaBuckets::Average(TimePoint now) const {
  if (buckets_.empty()) return 0;
  const Second second = std::chrono::floor<seconds>(now);
  const Second last = buckets_.back().second;
  const seconds since = std::max(second - last, seconds(0));
  if (since >= window_) return 0;
  double sum = 0;
  for (const Bucket& bucket : buckets_) {
    if (bucket.second > last + since - window_) sum += bucket.sum;
  }
  const seconds covered = std::min(last - first_ + seconds(1), window_ - since);
  return std::floor(sum / static_cast<double>(covered.count()) * kPrecision) / kPrecision;
}

bool KpaBuckets::Empty(TimePoint now) const {
  return buckets_.empty() || std::chrono::floor<seconds>(now) - buckets_.back().second > window_;
}

KpaAutoscaler::KpaAutoscaler(const KpaSpec& spec, Replicas ready, TimePoint now)
    : spec_(spec), most_in_panic_(ready) {
  if (ready > 1) panic_since_ = now;
}

// Panic is judged on what is needed, not on what the rates allow.
Replicas KpaAutoscaler::Scale(double stable, double panic, Replicas ready, TimePoint now) {
  const double pods = std::max(ready, 1);
  const double most = std::ceil(spec_.max_scale_up_rate * pods);
  const double least = std::floor(pods / spec_.max_scale_down_rate);
  const double needed_in_panic = std::ceil(panic / spec_.target);
  JudgePanic(needed_in_panic / pods >= spec_.panic_threshold, now);
  const auto within = [&](double needed) {
    return ToReplicas(std::min(std::max(needed, least), most));
  };
  Replicas desired = within(std::ceil(stable / spec_.target));
  if (Panics()) {
    most_in_panic_ = std::max({most_in_panic_, desired, within(needed_in_panic)});
    desired = most_in_panic_;
  }
  return Delay(desired, now);
}

void KpaAutoscaler::JudgePanic(bool over, TimePoint now) {
  if (over) {
    panic_since_ = now;
  } else if (panic_since_ && *panic_since_ + spec_.stable_window < now) {
    panic_since_.reset();
    most_in_panic_ = 0;
  }
}

// The largest wish of the last `scale_down_delay`.
Replicas KpaAutoscaler::Delay(Replicas desired, TimePoint now) {
  if (spec_.scale_down_delay <= seconds(0)) return desired;
  const auto since_epoch = std::chrono::floor<seconds>(now).time_since_epoch();
  const std::chrono::sys_seconds bucket{since_epoch - since_epoch % kKpaTick};
  wishes_.Add(bucket, desired);
  wishes_.ForgetUpTo(bucket - spec_.scale_down_delay);
  return wishes_.Maximum();
}

}  // namespace evenkeel
