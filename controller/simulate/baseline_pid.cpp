// pid: the textbook controller in velocity form, every 15 s:
//
//   ΔN / N = kp · Δe + ki · e · T + kd · Δ²e,    kp 0.5, ki 0.01 /s, kd 0
//
// with e = u / u* - 1 on the mean ELU, or e = ln(P99 / P99*) with `signal: latency`. There is no
// one source: SHOWAR (SoCC 2021) has a PID controller for replicas, others PI ones.
//
// N is a real number inside, clamped to the bounds, and rounded up on its way out. Against wind-up
// the integral rests while pods are pending (the error is not the controller's to mend then), and
// while N lies at a bound and the error pushes beyond it. An unknown signal moves nothing, and the
// differences begin anew after it. `target` is u*, or P99* in shares of the objective; 0.6 either
// way.
//
// What to expect: on latency the loop's gain changes 20-fold between calm and busy pods, so no one
// setting is stable and quick at once; and rounding makes it hunt between two numbers for ever.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/simulate/baseline_parts.hpp"
#include "policies/params.hpp"

namespace evenkeel {
namespace {

constexpr double kPeriod = 15;  // s

struct PidSpec {
  bool latency = false;
  double target = 0.6;
  double kp = 0.5;
  double ki = 0.01;  // 1/s
  double kd = 0;
};

class PidScaler final : public Scaler {
 public:
  PidScaler(const PidSpec& spec, const ReplicaBounds& bounds) : spec_(spec), bounds_(bounds) {}

  [[nodiscard]] SimSeconds Period() const override { return SimSeconds{kPeriod}; }
  [[nodiscard]] std::vector<Need> Needs() const override { return {{std::string(Signal())}}; }

  [[nodiscard]] Verdict Tick(const Sight& sight) override {
    FollowOthers(sight.state.spec_replicas);
    const std::optional<double> error = ErrorOf(sight.readings.Find(Signal()));
    if (!error) {
      last_.reset();
      change_ = 0;
      return {asked_, "SignalMissing"};
    }
    output_ += output_ * Step(*error, sight.state.pending > 0);
    output_ = std::clamp(output_, 1.0 * bounds_.least, 1.0 * bounds_.most);
    asked_ = bounds_.Clamp(CeilOf(output_));
    return {asked_, *error > 0 ? "AboveTarget" : "BelowTarget"};
  }

 private:
  [[nodiscard]] std::string_view Signal() const {
    return spec_.latency ? signal::kLatencyP99 : signal::kEventLoopUtilization;
  }

  // No requests have no latency: that reads as idle, like a utilization of 0.
  [[nodiscard]] std::optional<double> ErrorOf(const Reading& reading) const {
    if (reading.state == ReadingState::kNoTraffic) return -1;
    if (!reading.HasValue()) return std::nullopt;
    const double ratio = reading.value / spec_.target;
    if (!spec_.latency) return ratio - 1;
    return ratio > 0 ? std::log(ratio) : -1;
  }

  // At first, and where the number is not the one that was asked for.
  void FollowOthers(Replicas present) {
    if (present == asked_) return;
    asked_ = present;
    output_ = present;
  }

  double Step(double error, bool pending) {
    const double change = last_ ? error - *last_ : 0;
    const double curvature = last_ ? change - change_ : 0;
    last_ = error;
    change_ = change;
    const double integral = pending || AtBound(error) ? 0 : spec_.ki * error * kPeriod;
    return spec_.kp * change + integral + spec_.kd * curvature;
  }

  [[nodiscard]] bool AtBound(double error) const {
    return (error > 0 && output_ >= bounds_.most) || (error < 0 && output_ <= bounds_.least);
  }

  PidSpec spec_;
  ReplicaBounds bounds_;
  Replicas asked_ = 0;
  double output_ = 0;
  std::optional<double> last_{};  // error of the last tick that had one
  double change_ = 0;             // of the error, at the last tick
};

}  // namespace

Result<MakeScaler> MakePid(const nlohmann::json& settings) {
  Params params(settings);
  PidSpec spec;
  spec.latency = params.OneOf("signal", {"utilization", "latency"}, "utilization") == "latency";
  spec.target =
      params.Number("target", {.min = 0.01, .max = spec.latency ? 10.0 : 1.0}, spec.target);
  spec.kp = params.Number("kp", {.min = 0, .max = 10}, spec.kp);
  spec.ki = params.Number("ki", {.min = 0, .max = 1}, spec.ki);
  spec.kd = params.Number("kd", {.min = 0, .max = 100}, spec.kd);
  if (const Status done = params.Finish(); !done) return done.error();
  return MakeScaler([spec](const Scenario& scenario, const Truth&, std::uint64_t) {
    PidSpec own = spec;
    if (own.latency) own.target *= scenario.Slo().count();
    return std::make_unique<PidScaler>(own, BoundsOf(scenario));
  });
}

}  // namespace evenkeel
