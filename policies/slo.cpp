// Holds a service's objectives. The law is control.md § 2; this module has its reactive part:
//
//   demand     N = demand / target utilisation: the demand in erlangs, as it will be when a pod
//              that is asked for now serves, and above capacity what the loops' backlogs tell
//              (slo_demand.hpp). The target is the policy's, or learned from how many requests
//              are late at rest, and from overloads (slo_target.hpp).
//   objectives P99, errors and lag each ask for a step when they are breached, once per dead time
//              (start-up + window: what the last step did is not visible earlier). The event loops
//              decide whose fault a breach is. Cold ones: the service waits for something
//              downstream, more replicas would only add connections, and none are asked for but a
//              few to try (slo_probe.hpp). One pod whose lag is far above the others', or that
//              alone answers no scrape: that pod's. After a backlog the window still holds its
//              latencies, which blame nobody.
//   scale-in   Only with every objective known and met with a margin (latency without one while no
//              requests wait for the loops), nothing starting, no recent step; to what the demand
//              needs.
//   zero       With minReplicas 0, no requests and sleeping loops, none is needed; the window of
//              behavior waits for it to last. From zero, the first request seen brings one back.
//
// Without ELU (prom-client 15 exports none) the loop's heat is judged by lag alone, and without lag
// by the requests: scale-in then feels its way by tenths, and scale-out ends when three times the
// pods have gained nothing; how large steps are, the rate per pod that went well tells
// (slo_pace.hpp).

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policies/modules.hpp"
#include "policies/params.hpp"
#include "policies/slo_ask.hpp"
#include "policies/slo_demand.hpp"
#include "policies/slo_explain.hpp"
#include "policies/slo_pace.hpp"
#include "policies/slo_probe.hpp"
#include "policies/slo_recurrence.hpp"
#include "policies/slo_target.hpp"
#include "policies/slo_view.hpp"

namespace evenkeel {
namespace {

using slo::Ask;
using slo::Breached;
using slo::Demand;
using slo::Heat;
using slo::Starts;
using slo::Stay;
using slo::View;

// Of the pods, kept by a step down without a measure of demand.
constexpr double kTenthLess = 0.9;
constexpr double kMostAway = 0.5;
// The pace was kept up at rest; a load that wavers needs a quarter more.
constexpr double kPaceMargin = 1.25;
constexpr double kExported = 24 * 3600;  // s

Replicas NeededFor(double demand, double utilization) {
  return static_cast<Replicas>(std::ceil(demand / utilization - 1e-9));
}

Ask AskForOverload(const View& view, const Demand& demand) {
  const Replicas needed = NeededFor(demand.ahead, view.target_utilization);
  if (needed <= view.replicas) {
    return Stay(view, "AwaitingEffect",
                "the event loops are saturated; the last step has not shown its effect yet");
  }
  return {
      needed,
      "EventLoopSaturated",
      view.utilization
          ? "the event loops are saturated, and their backlogs tell what they would need"
          : "the event loops answer no scrape in time, and what the proxy counts tells what they "
            "would need",
      {},
      Starts::kSaturation};
}

Ask AskForDemand(const View& view, const Demand& demand) {
  if (demand.overload) return AskForOverload(view, demand);
  const Replicas needed = NeededFor(demand.ahead, view.target_utilization);
  const double ratio = demand.ahead / (view.target_utilization * std::max(view.replicas, 1));
  if (needed > view.replicas && ratio <= 1 + view.input.tolerance.up) {
    return Stay(view, "InTolerance", "the event loops' utilization is within its tolerance");
  }
  return {needed, "EventLoopDemand",
          "the event loops need this many pods at their target utilization"};
}

Ask AskForLimit(const View& view) {
  return {slo::NeededByLimit(view), "PodLimit",
          "each pod serves only so many requests before they wait for something of its own"};
}

bool MetWithMargin(const std::optional<double>& ratio) {
  return !ratio || *ratio <= slo::kMetWithMargin;
}

// Scrapes that fail leave no data, too: loops that were known today are exported.
bool LoopsUnreadable(const View& view) {
  if (slo::Unreadable(view, signal::kEventLoopUtilization)) return true;
  if (slo::Unreadable(view, signal::kEventLoopLagP99)) return true;
  const auto& model = view.memory.model;
  return !view.utilization && model && slo::Since(view, model->at) <= kExported;
}

// Where no requests wait for the loops, fewer pods make none slower, and no margin is needed.
bool LatencyLeavesRoom(const View& view) {
  const bool cold = view.utilization && view.heat == Heat::kCold;
  return MetWithMargin(view.latency) || (cold && !Breached(view.latency));
}

bool MayShrink(const View& view) {
  const TargetState& state = view.input.state;
  if (LoopsUnreadable(view)) return false;
  return state.pending == 0 && state.ready >= state.spec_replicas && !view.after_step &&
         !view.after_saturation && !view.after_shrink && view.heat != Heat::kHot &&
         LatencyLeavesRoom(view) && MetWithMargin(view.errors) && MetWithMargin(view.lag_ratio);
}

// Pods that tell nothing may be as busy as can be, as the HPA takes it before it scales in.
double Unheard(const View& view) {
  return view.utilization ? view.silent * (1 - std::min(*view.utilization, 1.0)) : 0;
}

// To the demand in one move: the stabilization window has already waited for its highest value, and
// limits of the single step are behavior's. What the demand usually strays is left to it, and the
// tolerance of scale-out keeps a demand at the edge of a pod calm.
Ask ShrinkToDemand(const View& view, const Demand& demand) {
  const double demanded = demand.now + demand.model.noise + Unheard(view);
  const double kept = slo::KeptFor(view);
  const Replicas needed = std::max(
      {NeededFor(std::max(demanded, kept), view.target_utilization), slo::NeededByLimit(view), 1});
  if (needed >= view.replicas && kept > demanded) {
    return Stay(view, "PeakExpected",
                "the objectives are met; the load has come back soon after a scale-in, and pods "
                "are kept for its last peak");
  }
  if (needed >= view.replicas) return Stay(view, "WithinObjectives", "the objectives are met");
  return {needed, "DemandFell",
          "the objectives are met with a margin and the event loops need fewer pods"};
}

// A tenth of the requests that a P99 allows to be late. Between two buckets of a histogram the P99
// reads more than it is; where it is all there is, half of the objective must be left.
bool MetEasily(const View& view) {
  if (view.late) return *view.late <= 0.001;
  return !view.latency || *view.latency <= 0.5;
}

// Loops that tell nothing of themselves are judged by what they did with requests.
bool LoopsHaveRoom(const View& view) {
  return view.heat == Heat::kCold || view.idle ||
         (view.heat == Heat::kUnknown && (view.late || view.latency));
}

// Without a measure of demand: to what the pace allows, or a tenth less, and then wait for what it
// did.
Ask ShrinkByFeel(const View& view) {
  const bool easy = LoopsHaveRoom(view) && MetEasily(view);
  if (!easy || view.replicas <= 1) return Stay(view, "WithinObjectives", "the objectives are met");
  const double by_pace = slo::NeededByPace(view);
  const double kept =
      by_pace > 0 ? std::clamp(kPaceMargin * by_pace, kMostAway, kTenthLess) : kTenthLess;
  const auto fewer = static_cast<Replicas>(std::floor(view.replicas * kept + 1e-9));
  return {std::clamp(fewer, 1, view.replicas - 1),
          "ObjectivesMetEasily",
          "the objectives are met easily, and nothing tells of waiting requests",
          {},
          Starts::kShrink};
}

Ask AskForLess(const View& view, const std::optional<Demand>& demand) {
  if (!MayShrink(view)) {
    return Stay(view, "WithinObjectives",
                "the objectives are met, without the margin or the calm "
                "that fewer replicas would need");
  }
  if (view.idle && view.input.target.min_replicas == 0) {
    return {0, "NoTraffic", "there are no requests, and the event loops are asleep"};
  }
  return demand ? ShrinkToDemand(view, *demand) : ShrinkByFeel(view);
}

// From zero only the requests that nobody serves can speak.
Ask AskFromZero(const View& view) {
  if (*view.rate > 0) {
    return {1, "TrafficArrived", "there are requests, and no replica to serve them"};
  }
  return Stay(view, "NoTraffic", "there are no requests");
}

std::vector<Ask> AllAsks(const View& view, const std::optional<Demand>& demand) {
  std::vector<Ask> asks = slo::AskForObjectives(view, demand.has_value());
  if (demand) asks.push_back(AskForDemand(view, *demand));
  if (demand && slo::NeededByLimit(view) > view.replicas) asks.push_back(AskForLimit(view));
  return asks;
}

// The largest ask wins; a breach, even one that asks for nothing, forbids scale-in, except of pods
// that were only tried.
Ask Choose(const View& view, const std::optional<Demand>& demand) {
  if (view.replicas == 0) return AskFromZero(view);
  const std::vector<Ask> asks = AllAsks(view, demand);
  const auto largest = std::ranges::max_element(asks, {}, &Ask::replicas);
  if (largest != asks.end() && largest->starts == Starts::kGiveBack) return *largest;
  if (largest == asks.end() || largest->replicas < view.replicas) return AskForLess(view, demand);
  const bool only_demand = asks.size() == 1 && demand;
  if (only_demand && largest->replicas == view.replicas && largest->reason == "EventLoopDemand") {
    return AskForLess(view, demand);
  }
  return *largest;
}

// Lag that a service always has is no queue whose end would have to be waited for.
bool HasQueue(const View& view) {
  const double usual = view.memory.model ? view.memory.model->lag : 0;
  return view.heat == Heat::kHot && Breached(view.lag_ratio) &&
         *view.lag - usual >= view.lag_objective;
}

// Not where there are as many as may be, nor again before more had time to help.
bool MoreWouldHaveHelped(const View& view) {
  const auto& ceiling = view.memory.ceiling;
  return view.replicas < view.input.target.max_replicas &&
         !(ceiling && slo::InDeadTime(view, ceiling->at));
}

void RememberAscent(const View& view, const std::optional<double>& ratio,
                    std::optional<slo::Ascent>& ascent) {
  if (ratio && *ratio <= 1) ascent.reset();
  if (!Breached(ratio) || ascent) return;
  ascent = slo::Ascent{view.input.now, static_cast<double>(view.replicas), *ratio,
                       view.rate.value_or(0), view.utilization.value_or(0)};
}

nlohmann::json Remember(const View& view, const Ask& ask, const std::optional<Demand>& demand) {
  slo::Memory memory = view.memory;
  const slo::Mark now{view.input.now, view.replicas, ask.replicas};
  if (!memory.size || memory.size->from != view.replicas) memory.size = now;
  if (ask.starts == Starts::kShrink) memory.shrink = now;
  if (ask.starts == Starts::kStep || ask.starts == Starts::kSaturation) memory.step = now;
  if (ask.starts == Starts::kSaturation) memory.saturation = now;
  const bool overloaded = demand && demand->overload;
  if (overloaded || HasQueue(view)) memory.queue = view.input.now;
  const bool surprise = overloaded && view.memory.model && view.memory.model->surge <= 0;
  const bool regret = surprise || ask.reason == "LatencyAboveObjective";
  if (regret && MoreWouldHaveHelped(view)) Regret(memory, view.input.now);
  RememberAscent(view, view.latency, memory.ascent);
  RememberAscent(view, view.lag_ratio, memory.lag_ascent);
  RememberProbe(view, ask, memory);
  RememberPeak(view, demand, surprise, memory);
  if (demand) memory.model = demand->model;
  if (demand && !overloaded) LearnLate(view, memory);
  LearnPace(view, MetEasily(view), ask.reason == "LatencyAboveObjective", memory);
  return ToJson(memory);
}

bool KnowsAnything(const View& view) {
  if (view.replicas == 0) return view.rate.has_value();
  return view.latency || view.errors || view.utilization || view.idle ||
         view.input.readings.Find(signal::kEventLoopLagP99).HasValue();
}

class SloPolicy final : public Policy {
 public:
  std::vector<Need> Needs(const TargetSpec& target) const override {
    std::vector<Need> needs;
    for (const std::string_view name :
         {signal::kLatencyP99, signal::kErrorRate, signal::kEventLoopLagP99,
          signal::kEventLoopUtilization, signal::kRequestRate, signal::kInFlight}) {
      needs.push_back({std::string(name), {}});
    }
    const Objectives& objectives = target.objectives;
    const bool learns = objectives.latency_p99 && !objectives.event_loop_utilization;
    if (learns) needs.push_back({std::string(signal::kBadRatio), {}});
    return needs;
  }

  Result<Proposal> Propose(const Input& input) const override {
    const std::optional<Readings> ready = slo::WithoutUnready(input);
    const Input of_ready{
        input.now,    input.target,    input.state, ready ? *ready : input.readings,
        input.series, input.tolerance, input.memory};
    const View view = slo::Look(of_ready);
    Proposal proposal;
    proposal.memory = input.memory;
    if (!KnowsAnything(view)) {
      proposal.reason = "SignalMissing";
      proposal.message = "no signal of the service is known";
      return proposal;
    }
    const std::optional<Demand> demand = slo::EstimateDemand(view);
    const Ask ask = Choose(view, demand);
    proposal.kind = ProposalKind::kReactive;
    proposal.replicas = ask.replicas;
    proposal.reason = ask.reason;
    proposal.message = ask.message;
    proposal.bottleneck = ask.bottleneck;
    proposal.evidence = slo::Evidence(view, demand);
    proposal.working = slo::Working(view, demand);
    proposal.memory = Remember(view, ask, demand);
    return proposal;
  }
};

}  // namespace

Result<std::shared_ptr<const Policy>> MakeSlo(const nlohmann::json& json) {
  const Params params(json);
  if (const Status done = params.Finish(); !done) return done.error();
  return std::shared_ptr<const Policy>(std::make_shared<SloPolicy>());
}

}  // namespace evenkeel
