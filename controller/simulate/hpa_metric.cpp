#include "controller/simulate/hpa_metric.hpp"

#include <functional>
#include <map>
#include <string_view>
#include <utility>

#include "policies/reading.hpp"
#include "policies/registry.hpp"

namespace evenkeel {

HpaMetric::HpaMetric(std::string_view signal, std::string_view type, double target)
    : signal_(signal),
      ratio_(MakePolicy(
                 "ratio",
                 {{"signal", signal}, {"type", type}, {"target", target}, {"compatibility", "hpa"}})
                 .value()) {}

HpaMetric HpaMetric::Utilization(double target) {
  return {signal::kEventLoopUtilization, "AverageValue", target};
}

HpaMetric HpaMetric::Latency(SimSeconds target) {
  return {signal::kLatencyP99, "Value", target.count()};
}

Result<Replicas> HpaMetric::Propose(const Sight& sight) const {
  static const TargetSpec kTarget;
  static const std::map<std::string, Series, std::less<>> kNoSeries;
  static const nlohmann::json kNoMemory;
  Reading reading = sight.readings.Find(signal_);
  if (reading.state == ReadingState::kNoTraffic) reading = Reading::Value(0, sight.now);
  const Readings readings{{signal_, std::move(reading)}};
  const Input input{sight.now, kTarget, sight.state, readings, kNoSeries, Tolerance{}, kNoMemory};
  const Result<Proposal> proposal = ratio_->Propose(input);
  if (!proposal) return proposal.error();
  if (proposal->kind != ProposalKind::kReactive) {
    return Error{ErrorKind::kNotFound, proposal->message, {}};
  }
  return proposal->replicas;
}

}  // namespace evenkeel
