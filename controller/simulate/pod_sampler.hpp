// PodSampler: asks the pods themselves, for scalers that do without Prometheus.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "controller/simulate/deployment.hpp"
#include "controller/simulate/plant.hpp"
#include "controller/simulate/scaler.hpp"

namespace evenkeel {

class PodSampler {
 public:
  // Both must outlive this.
  PodSampler(const Plant& plant, const Deployment& deployment)
      : plant_(plant), deployment_(deployment) {}

  // Every pod's means since the last call, or since it turned ready.
  void Take(double now);
  [[nodiscard]] std::span<const PodSample> samples() const { return samples_; }

 private:
  struct Totals {
    double at = 0;
    double in_flight = 0;
    double busy = 0;
    double requests = 0;
    std::string name{};
  };

  const Plant& plant_;
  const Deployment& deployment_;
  std::map<PodIndex, Totals> last_;
  std::vector<PodSample> samples_;
};

}  // namespace evenkeel
