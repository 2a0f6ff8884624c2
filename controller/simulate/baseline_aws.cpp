// aws: target tracking of AWS Application Auto Scaling as for an ECS service, on the mean ELU in
// place of the mean CPU. A closed service; source: its user guide, and aws/containers-roadmap#1208
// and #638 for the alarms.
//
//   data      one number a minute
//   out       after 3 of 3 minutes above the target, and every further one, at once and in
//             proportion: ceil(N · m / target)
//   in        after 15 of 15 minutes below 0.9 · target, ceil of the same, so that rather too many
//             stay; then not again for the cooldown (300 s), which a scale-out ends
//   missing   a minute without data begins both counts anew: it never scales in
//
// N is the number asked for (ECS: desiredCount), tasks that are still starting included. The factor
// 0.9 is not documented but widely observed. Left out: the cooldown of scale-out, within which only
// a larger scale-out happens. As with every rival on Prometheus, the minute's mean leaves out young
// pods whose window is not yet filled.
#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/simulate/baseline_parts.hpp"
#include "policies/params.hpp"

namespace evenkeel {
namespace {

constexpr int kMinutesAbove = 3;
constexpr int kMinutesBelow = 15;
constexpr double kLowShare = 0.9;

struct AwsSpec {
  double target = 0.6;
  std::chrono::seconds cooldown{300};
};

class AwsScaler final : public Scaler {
 public:
  AwsScaler(const AwsSpec& spec, const ReplicaBounds& bounds) : spec_(spec), bounds_(bounds) {}

  [[nodiscard]] SimSeconds Period() const override { return SimSeconds{60}; }
  [[nodiscard]] std::vector<Need> Needs() const override {
    return {{std::string(signal::kEventLoopUtilization)}};
  }

  [[nodiscard]] Verdict Tick(const Sight& sight) override {
    const Reading& reading = sight.readings.Find(signal::kEventLoopUtilization);
    const Replicas current = sight.state.spec_replicas;
    if (!Count(reading)) return {current, "InsufficientData"};
    const Replicas wanted = bounds_.Clamp(CeilOf(current * reading.value / spec_.target));
    if (above_ >= kMinutesAbove && wanted > current) {
      scaled_in_.reset();
      return {wanted, "AlarmHigh"};
    }
    if (below_ >= kMinutesBelow && wanted < current) return ScaleIn(current, wanted, sight.now);
    return {current, "InTarget"};
  }

  // Alarms and cooldowns are the cloud's, and outlive whatever restarts here.
  [[nodiscard]] nlohmann::json Status() const override {
    const nlohmann::json scaled_in = scaled_in_ ? nlohmann::json(ToMillis(*scaled_in_)) : nullptr;
    return {{"above", above_}, {"below", below_}, {"scaledIn", scaled_in}};
  }
  void Resume(const nlohmann::json& status) override {
    above_ = status.at("above");
    below_ = status.at("below");
    if (!status.at("scaledIn").is_null()) scaled_in_ = FromMillis(status.at("scaledIn"));
  }

 private:
  // Returns whether there is a number at all.
  bool Count(const Reading& reading) {
    const bool known = reading.HasValue();
    above_ = known && reading.value > spec_.target ? above_ + 1 : 0;
    below_ = known && reading.value < kLowShare * spec_.target ? below_ + 1 : 0;
    return known;
  }

  Verdict ScaleIn(Replicas current, Replicas wanted, TimePoint now) {
    if (scaled_in_ && now < *scaled_in_ + spec_.cooldown) return {current, "Cooldown"};
    scaled_in_ = now;
    return {wanted, "AlarmLow"};
  }

  AwsSpec spec_;
  ReplicaBounds bounds_;
  int above_ = 0;  // minutes in a row
  int below_ = 0;
  std::optional<TimePoint> scaled_in_{};  // since the last scale-out
};

}  // namespace

Result<MakeScaler> MakeAws(const nlohmann::json& settings) {
  Params params(settings);
  AwsSpec spec;
  spec.target = params.Number("target", {.min = 0.01, .max = 1}, spec.target);
  spec.cooldown = SecondsOf(params, "cooldown", 300);
  if (const Status done = params.Finish(); !done) return done.error();
  return MakeScaler([spec](const Scenario& scenario, const Truth&, std::uint64_t) {
    return std::make_unique<AwsScaler>(spec, BoundsOf(scenario));
  });
}

}  // namespace evenkeel
