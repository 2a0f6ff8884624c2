// kpa: Knative's pod autoscaler on concurrency (knative/serving 98e5ef9; its arithmetic is in
// kpa_autoscaler.hpp). Every second it asks a sample of the ready pods for their requests in
// flight, those that have been ready for a stable window first, and takes the mean times the ready
// pods for the whole; every 2 s it decides.
//
// `concurrency` is what a pod may carry in all (Knative's containerConcurrency or target
// annotation, 100 if unset, which no single event loop carries) and `utilization` the share of it
// to aim at (0.7): 3 · 0.7 in flight per pod by default here. All other settings have Knative's
// defaults. Requests in flight include those that wait for an event loop, so the signal is not
// capped when pods are saturated; and those that wait for a slow database, where more pods do not
// help.
//
// Left out: scaling to and from zero with the activator, its proxied requests and excess burst
// capacity (it is never on the path here), activation-scale, weighted averages.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "controller/simulate/baseline_parts.hpp"
#include "controller/simulate/kpa_autoscaler.hpp"
#include "policies/params.hpp"

namespace evenkeel {
namespace {

using std::chrono::seconds;

struct KpaSettings {
  KpaSpec spec{};
  seconds panic_window{6};
};

class KpaScaler final : public Scaler {
 public:
  KpaScaler(const KpaSettings& settings, const ReplicaBounds& bounds, std::uint64_t seed)
      : settings_(settings),
        bounds_(bounds),
        lots_(seed),
        stable_(settings.spec.stable_window),
        panic_(settings.panic_window) {}

  [[nodiscard]] SimSeconds Period() const override { return SimSeconds{1}; }
  [[nodiscard]] bool AsksPods() const override { return true; }

  [[nodiscard]] Verdict Tick(const Sight& sight) override {
    Collect(sight);
    const Replicas current = sight.state.spec_replicas;
    if (!autoscaler_) autoscaler_.emplace(settings_.spec, sight.state.ready, sight.now);
    if (decided_ && sight.now < *decided_ + kKpaTick) return {current, "Collecting"};
    decided_ = sight.now;
    if (stable_.Empty(sight.now)) return {current, "NoData"};
    const Replicas desired = autoscaler_->Scale(
        stable_.Average(sight.now), panic_.Average(sight.now), sight.state.ready, sight.now);
    return {bounds_.Clamp(desired), autoscaler_->Panics() ? "Panic" : "Stable"};
  }

 private:
  void Collect(const Sight& sight) {
    std::vector<double> old;
    std::vector<double> young;
    for (const PodSample& pod : sight.pods) {
      if (!pod.ready) continue;
      (pod.age >= settings_.spec.stable_window ? old : young).push_back(pod.concurrency);
    }
    const std::size_t population = old.size() + young.size();
    if (population == 0) return;
    const std::size_t size = KpaSampleSize(population);
    Shuffle(old.size() < size ? young : old);
    old.insert(old.end(), young.begin(), young.end());
    double sum = 0;
    for (std::size_t i = 0; i < size; ++i) sum += old[i];
    const double total = sum / static_cast<double>(size) * static_cast<double>(population);
    stable_.Record(sight.now, total);
    panic_.Record(sight.now, total);
  }

  void Shuffle(std::vector<double>& values) {
    for (std::size_t left = values.size(); left > 1; --left) {
      std::swap(values[left - 1], values[lots_() % left]);
    }
  }

  KpaSettings settings_;
  ReplicaBounds bounds_;
  std::mt19937_64 lots_;
  KpaBuckets stable_;
  KpaBuckets panic_;
  std::optional<KpaAutoscaler> autoscaler_{};
  std::optional<TimePoint> decided_{};
};

KpaSettings ReadKpa(Params& params) {
  KpaSettings settings;
  KpaSpec& spec = settings.spec;
  const double total = params.Number("concurrency", {.min = 0.01, .max = 1e6}, 3);
  const double share = params.Number("utilization", {.min = 0.01, .max = 1}, 0.7);
  spec.target = std::max(0.01, total * share);
  const double window = params.Number("window", {.min = 6, .max = 3600}, 60);
  const double panic_share = params.Number("panicWindowPercentage", {.min = 1, .max = 100}, 10);
  spec.stable_window = seconds{std::lround(window)};
  settings.panic_window = seconds{std::max(1L, std::lround(window * panic_share / 100))};
  spec.panic_threshold =
      params.Number("panicThresholdPercentage", {.min = 110, .max = 1000}, 200) / 100;
  spec.max_scale_up_rate = params.Number("maxScaleUpRate", {.min = 1.01, .max = 1e6}, 1000);
  spec.max_scale_down_rate = params.Number("maxScaleDownRate", {.min = 1.01, .max = 1e6}, 2);
  spec.scale_down_delay = SecondsOf(params, "scaleDownDelay", 0);
  return settings;
}

}  // namespace

Result<MakeScaler> MakeKpa(const nlohmann::json& settings) {
  Params params(settings);
  const KpaSettings read = ReadKpa(params);
  if (const Status done = params.Finish(); !done) return done.error();
  return MakeScaler([read](const Scenario& scenario, const Truth&, std::uint64_t seed) {
    return std::make_unique<KpaScaler>(read, BoundsOf(scenario), seed);
  });
}

}  // namespace evenkeel
