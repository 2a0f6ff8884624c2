// The HPA's own formula on any signal (hpa.md § 1.2; autoscaling/v2 Object and External metrics):
//   Value         ceil(pods · value / target), pods = the ready ones
//   AverageValue  ceil(total / target)
// and no change while the ratio lies within the tolerance. Two defects of the original are not
// repeated: no ready pod counts as all of spec.replicas (there it proposes 0), and the population
// of the in-band test is spec.replicas (there status.replicas, which a rollout inflates).

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "policies/modules.hpp"
#include "policies/params.hpp"

namespace evenkeel {
namespace {

enum class TargetType { kValue, kAverageValue };

// Upwards, but not for the last bits of a division: 7 · 290 / 70 is 29, not 30.
Replicas CeilReplicas(double replicas) {
  constexpr double kRounding = 1e-12;
  const double ceiled = std::ceil(replicas * (1 - kRounding));
  return static_cast<Replicas>(
      std::clamp(ceiled, 0.0, static_cast<double>(std::numeric_limits<Replicas>::max())));
}

class RatioPolicy final : public Policy {
 public:
  RatioPolicy(std::string signal, double target, TargetType type)
      : signal_(std::move(signal)), target_(target), type_(type) {}

  std::vector<Need> Needs(const TargetSpec&) const override { return {{signal_}}; }

  Result<Proposal> Propose(const Input& input) const override {
    const Reading& reading = input.readings.Find(signal_);
    Proposal proposal;
    if (!reading.HasValue()) {
      proposal.reason = "SignalMissing";
      proposal.message = signal_ + " is " + std::string(ToString(reading.state));
      return proposal;
    }
    const double ratio = Ratio(reading.value, input.state);
    proposal.kind = ProposalKind::kReactive;
    proposal.evidence = {{"signal", signal_}, {"value", reading.value}, {"target", target_}};
    Judge(input, reading.value, ratio, proposal);
    return proposal;
  }

 private:
  [[nodiscard]] double Ratio(double value, const TargetState& state) const {
    if (type_ == TargetType::kValue) return value / target_;
    return value / (target_ * std::max(state.spec_replicas, 1));
  }

  void Judge(const Input& input, double value, double ratio, Proposal& proposal) const {
    const TargetState& state = input.state;
    if (ratio >= 1 - input.tolerance.down && ratio <= 1 + input.tolerance.up) {
      proposal.replicas = state.spec_replicas;
      proposal.reason = "InTolerance";
      proposal.message = signal_ + " is within the tolerance of its target";
      return;
    }
    const int pods = state.ready > 0 ? state.ready : state.spec_replicas;
    proposal.replicas = CeilReplicas(type_ == TargetType::kValue ? pods * ratio : value / target_);
    proposal.reason = ratio > 1 ? "AboveTarget" : "BelowTarget";
    proposal.message = signal_ + (ratio > 1 ? " is above its target" : " is below its target");
  }

  std::string signal_;
  double target_;
  TargetType type_;
};

}  // namespace

Result<std::shared_ptr<const Policy>> MakeRatio(const nlohmann::json& json) {
  Params params(json);
  std::string signal = params.String("signal");
  const double target = params.Number("target", {.min = 0, .min_exclusive = true});
  const std::string type = params.OneOf("type", {"Value", "AverageValue"}, "Value");
  if (const Status done = params.Finish(); !done) return done.error();
  return std::shared_ptr<const Policy>(std::make_shared<RatioPolicy>(
      std::move(signal), target, type == "Value" ? TargetType::kValue : TargetType::kAverageValue));
}

}  // namespace evenkeel
