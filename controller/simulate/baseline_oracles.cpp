// The limits: scalers that look at the truth. They show what is possible, not what to buy.
//
//   static              the largest need of the whole episode from its first second on: what a
//                       careful owner would set by hand who knew the peak
//   oracle-reactive     the rate and the work of this very second, noise included, and nothing of
//                       the future: no measurement delay, but the start-up of pods remains
//   oracle-clairvoyant  also the load up to one (longest) start-up ahead
//
// All know the load only. After an overload there is a backlog besides, and pods that have just
// started are cold; neither is in NeededAt, so even the clairvoyant one has bad requests. `hold`
// keeps the largest need of the last so many seconds: without it an oracle follows every second of
// the noise, and pays for it with cold pods.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include "controller/simulate/baseline_parts.hpp"
#include "controller/simulate/sliding_maximum.hpp"
#include "policies/params.hpp"

namespace evenkeel {
namespace {

constexpr SimSeconds kStep{1};

// The largest need in [from, to], at every second and at the end.
Replicas MostNeeded(const Truth& truth, const Scenario& scenario, SimSeconds from, SimSeconds to) {
  Replicas most = NeededAt(truth, scenario, to);
  for (SimSeconds time = from; time < to; time += kStep) {
    most = std::max(most, NeededAt(truth, scenario, time));
  }
  return most;
}

class StaticScaler final : public Scaler {
 public:
  explicit StaticScaler(Replicas replicas) : replicas_(replicas) {}

  [[nodiscard]] SimSeconds Period() const override { return SimSeconds{60}; }
  [[nodiscard]] Verdict Tick(const Sight&) override { return {replicas_, "Static"}; }

 private:
  Replicas replicas_;
};

class Oracle final : public Scaler {
 public:
  Oracle(Scenario scenario, SimSeconds ahead, SimSeconds hold)
      : scenario_(std::move(scenario)), ahead_(ahead), hold_(hold) {}

  [[nodiscard]] SimSeconds Period() const override { return kStep; }

  [[nodiscard]] Verdict Tick(const Sight& sight) override {
    const Replicas needed = MostNeeded(sight.truth, scenario_, sight.time, sight.time + ahead_);
    needs_.Add(sight.time, needed);
    needs_.ForgetBefore(sight.time - hold_);
    return {needs_.Maximum(), needs_.Falling() ? "Held" : "Needed"};
  }

 private:
  Scenario scenario_;
  SimSeconds ahead_;
  SimSeconds hold_;
  SlidingMaximum<SimSeconds, Replicas> needs_;  // of the last `hold_`
};

Result<MakeScaler> MakeOracle(const nlohmann::json& settings, bool clairvoyant) {
  Params params(settings);
  const SimSeconds hold{params.Number("hold", {.min = 0, .max = 3600}, 0)};
  if (const Status done = params.Finish(); !done) return done.error();
  return MakeScaler([hold, clairvoyant](const Scenario& scenario, const Truth&, std::uint64_t) {
    const SimSeconds ahead = clairvoyant ? scenario.pod.startup_most : SimSeconds{0};
    return std::make_unique<Oracle>(scenario, ahead, hold);
  });
}

}  // namespace

Result<MakeScaler> MakeStatic(const nlohmann::json& settings) {
  const Params params(settings);
  if (const Status done = params.Finish(); !done) return done.error();
  return MakeScaler([](const Scenario& scenario, const Truth& truth, std::uint64_t) {
    return std::make_unique<StaticScaler>(
        MostNeeded(truth, scenario, SimSeconds{0}, scenario.duration));
  });
}

Result<MakeScaler> MakeOracleReactive(const nlohmann::json& settings) {
  return MakeOracle(settings, false);
}

Result<MakeScaler> MakeOracleClairvoyant(const nlohmann::json& settings) {
  return MakeOracle(settings, true);
}

}  // namespace evenkeel
