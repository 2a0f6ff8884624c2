// The HPA's own formula on any signal (autoscaling/v2; Kubernetes pkg/controller/podautoscaler):
// replicas = ceil(pods · value / target), and no change while value / target lies within the
// tolerance of 1, both ends included. Params:
//
//   signal         a preset's signal or one of the policy's queries
//   target         > 0, in the signal's unit (seconds, shares of 1); with Utilization in percent
//   type           Value (default)  ceil(pods · value / target)
//                  AverageValue     ceil(value / target), value being the total over all pods
//                  Utilization      of signal eventLoopUtilization: Value, but in percent
//                  A signal with a sample per pod (eventLoopUtilization, eventLoopLagP99) is the
//                  mean over its pods with every type, as the HPA's Pods and Resource metrics are.
//   compatibility  absent: exact arithmetic and the improvements below; hpa: bit for bit the HPA
//
// Improvements on the HPA, by the names that the conformance tests use:
//   ExactRounding           nothing is cut off to milli-units, whole averages or whole percents;
//                           the last bits of a division are not rounded up: 7 · 290 / 70 is 29
//   Saturation              a proposal beyond 2^31-1 is 2^31-1 (HPA: -2^31)
//   SurgeDoesNotInflate     pods beyond spec.replicas multiply nothing above the target, and below
//                           it never give more than spec.replicas: a rollout is not load
//   NoReadyPodIsNotZero     with no ready pod the population is spec.replicas and nothing is taken
//                           away; samples of pods that lost their readiness then count
//   AboveTargetNeverLowers  above the target never fewer than spec.replicas, however few are ready
//   BelowTargetNeverRaises  below the target never more than spec.replicas
//   SpecNotStatus           AverageValue is judged on spec.replicas (HPA: status.replicas)
//   UnreadyPodsLeftOut      a sample of an unready pod counts for no metric (HPA: for CPU only, and
//                           there by periods since the start)
//   TerminatingPodsExcluded pods that end count nowhere (HPA: in Value)
//   StrangersLeftOut        samples of pods that are not there, or have finished, count nowhere
//   EqualPods               there are no requests: every pod is one event loop
// As the HPA does, ready pods without a sample count as idle above the target, and as at the target
// below it (Utilization: as full); unready pods count as idle above the target.
//
// With `compatibility: hpa` a reading becomes a quantity as a metrics adapter makes it: cut off to
// whole thousandths; the target is rounded up to them. One number is an External metric, samples
// per pod are a Pods metric, and Utilization is a Resource metric other than CPU whose request is
// one event loop. The rate policies of the policy's behavior then use the HPA's doubles too.

#include <cmath>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policies/modules.hpp"
#include "policies/params.hpp"
#include "policies/ratio_parts.hpp"

namespace evenkeel {
namespace {

using Judge = Result<RatioVerdict> (*)(const RatioSpec&, const Input&, const Reading&);

std::string Sentence(const std::string& signal, std::string_view reason) {
  if (reason == "AboveTarget") return signal + " is above its target";
  if (reason == "BelowTarget") return signal + " is below its target";
  if (reason == "InTolerance") return signal + " is within the tolerance of its target";
  return signal + " is off its target, but pods that are not ready or not measured may make up " +
         "for it";
}

class RatioPolicy final : public Policy {
 public:
  RatioPolicy(RatioSpec spec, Judge judge) : spec_(std::move(spec)), judge_(judge) {}

  [[nodiscard]] std::vector<Need> Needs(const TargetSpec&) const override {
    return {{spec_.signal}};
  }

  [[nodiscard]] Result<Proposal> Propose(const Input& input) const override {
    const Reading& reading = input.readings.Find(spec_.signal);
    if (!reading.HasValue() || !std::isfinite(reading.value)) {
      return Missing(spec_.signal + " is " + std::string(ToString(reading.state)),
                     reading.state == ReadingState::kNoTraffic);
    }
    const Result<RatioVerdict> verdict = judge_(spec_, input, reading);
    if (!verdict) return Missing(spec_.signal + ": " + verdict.error().message, false);
    Proposal proposal;
    proposal.kind = ProposalKind::kReactive;
    proposal.replicas = verdict->replicas;
    proposal.reason = verdict->reason;
    proposal.message = Sentence(spec_.signal, verdict->reason);
    proposal.evidence = {
        {"signal", spec_.signal}, {"value", reading.value}, {"target", spec_.target}};
    return proposal;
  }

 private:
  // What is not known forbids scale-in; that there is no traffic is known, but gives no ratio.
  static Proposal Missing(std::string message, bool known) {
    Proposal proposal;
    proposal.kind = known ? ProposalKind::kNoOpinion : ProposalKind::kHold;
    proposal.direction = Direction::kDown;
    proposal.reason = "SignalMissing";
    proposal.message = std::move(message);
    return proposal;
  }

  RatioSpec spec_;
  Judge judge_;
};

constexpr double kMostPercent = 1000;

double ReadTarget(Params& params, const RatioSpec& spec, bool strict) {
  if (spec.type != RatioType::kUtilization) {
    return params.Number("target", {.min = 0, .min_exclusive = true});
  }
  const double percent = params.Percent("target", kMostPercent);
  if (strict && percent != std::trunc(percent)) {
    params.Fail("target", "must be whole percents with compatibility hpa, as the HPA's is");
  }
  if (spec.signal != signal::kEventLoopUtilization) {
    params.Fail("type",
                "Utilization is of signal eventLoopUtilization only, not of " + spec.signal);
  }
  return percent;
}

RatioType ParseType(std::string_view type) {
  if (type == "AverageValue") return RatioType::kAverageValue;
  return type == "Utilization" ? RatioType::kUtilization : RatioType::kValue;
}

}  // namespace

Result<std::shared_ptr<const Policy>> MakeRatio(const nlohmann::json& params) {
  Params read(params);
  RatioSpec spec;
  spec.signal = read.String("signal");
  spec.type = ParseType(read.OneOf("type", {"Value", "AverageValue", "Utilization"}, "Value"));
  const bool strict = !read.OneOf("compatibility", {"hpa"}, "").empty();
  spec.target = ReadTarget(read, spec, strict);
  if (const Status done = read.Finish(); !done) return done.error();
  return std::shared_ptr<const Policy>(
      std::make_shared<RatioPolicy>(std::move(spec), strict ? &JudgeAsHpa : &JudgeExactly));
}

}  // namespace evenkeel
