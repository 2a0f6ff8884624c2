// A metric of an HPA, from a signal as Prometheus answers it: module `ratio` with `compatibility:
// hpa`, which the conformance suite holds bit for bit against Kubernetes' own calculator.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "controller/simulate/scaler.hpp"
#include "policies/policy.hpp"

namespace evenkeel {

class HpaMetric {
 public:
  // The mean ELU of the pods: a Pods metric with target AverageValue, in shares of 1.
  [[nodiscard]] static HpaMetric Utilization(double target);
  // P99 over all requests: an External metric with target Value, in seconds.
  [[nodiscard]] static HpaMetric Latency(SimSeconds target);

  [[nodiscard]] const std::string& Signal() const { return signal_; }
  // kNotFound if the metric is not there.
  [[nodiscard]] Result<Replicas> Propose(const Sight& sight) const;

 private:
  HpaMetric(std::string_view signal, std::string_view type, double target);

  std::string signal_;
  std::shared_ptr<const Policy> ratio_;
};

}  // namespace evenkeel
