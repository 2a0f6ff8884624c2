// hpa-elu, hpa-p99, hpa-max: the HorizontalPodAutoscaler of Kubernetes 1.37 as it is usually fed by
// prometheus-adapter (kubernetes-sigs/prometheus-adapter 0.12): ELU as a Pods metric with
// AverageValue, P99 as an External metric with Value, or both, of which the HPA takes the larger.
// Every 15 s, tolerance 0.1, scale-out by the larger of 4 pods and 100 % in 15 s, scale-in by the
// largest proposal of `window` (300 s). The numbers come from the code that equals Kubernetes' own
// in the conformance suite (hpa_loop.hpp, hpa_metric.hpp).
//
// Where this is not quite a real one:
//   - readings are judged as in production. A stale one, or one with a window that scraping did not
//     fill, is no metric here (nothing happens); the adapter would hand on what Prometheus computes
//     for another window at most. A young pod's ELU is missing until its window is filled (about 90
//     s with the default window), which the HPA counts as idle above the target and as at the
//     target below it; through the adapter it would be missing for two scrapes.
//   - P99 without requests is NaN in PromQL; the adapter's cast makes a number below zero
//     of it, and so as few replicas as the bounds allow: it reads as 0 here.
//   - the controller's way is direct: there is no metrics API that fails or is slow.
// `target` of P99 is in shares of the scenario's objective.
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "controller/simulate/hpa_loop.hpp"
#include "controller/simulate/hpa_metric.hpp"
#include "policies/params.hpp"

namespace evenkeel {
namespace {

class HpaScaler final : public Scaler {
 public:
  HpaScaler(std::vector<HpaMetric> metrics, const HpaLoop& loop)
      : metrics_(std::move(metrics)), loop_(loop) {}

  [[nodiscard]] SimSeconds Period() const override { return SimSeconds{15}; }
  [[nodiscard]] std::vector<Need> Needs() const override {
    std::vector<Need> needs;
    needs.reserve(metrics_.size());
    for (const HpaMetric& metric : metrics_) needs.push_back({metric.Signal()});
    return needs;
  }

  [[nodiscard]] Verdict Tick(const Sight& sight) override {
    std::vector<Result<Replicas>> proposals;
    proposals.reserve(metrics_.size());
    for (const HpaMetric& metric : metrics_) proposals.push_back(metric.Propose(sight));
    return loop_.Reconcile(sight.state, sight.now, proposals);
  }

 private:
  std::vector<HpaMetric> metrics_;
  HpaLoop loop_;
};

using MetricsOf = std::function<std::vector<HpaMetric>(const Scenario&)>;

Result<MakeScaler> MakeHpa(Params& params, MetricsOf metrics_of) {
  const std::chrono::seconds window = SecondsOf(params, "window", 300);
  if (const Status done = params.Finish(); !done) return done.error();
  return MakeScaler([window, metrics_of = std::move(metrics_of)](const Scenario& scenario,
                                                                 const Truth&, std::uint64_t) {
    return std::make_unique<HpaScaler>(metrics_of(scenario),
                                       HpaLoop(BoundsOf(scenario), HpaBehavior(window)));
  });
}

constexpr Range kUtilizationRange{.min = 0.01, .max = 1};
constexpr Range kShareRange{.min = 0.01, .max = 10};

}  // namespace

Result<MakeScaler> MakeHpaElu(const nlohmann::json& settings) {
  Params params(settings);
  const double target = params.Number("target", kUtilizationRange, 0.6);
  return MakeHpa(params, [target](const Scenario&) {
    return std::vector<HpaMetric>{HpaMetric::Utilization(target)};
  });
}

Result<MakeScaler> MakeHpaP99(const nlohmann::json& settings) {
  Params params(settings);
  const double share = params.Number("target", kShareRange, 1);
  return MakeHpa(params, [share](const Scenario& scenario) {
    return std::vector<HpaMetric>{HpaMetric::Latency(share * scenario.Slo())};
  });
}

Result<MakeScaler> MakeHpaMax(const nlohmann::json& settings) {
  Params params(settings);
  const double target = params.Number("target", kUtilizationRange, 0.6);
  const double share = params.Number("latency", kShareRange, 1);
  return MakeHpa(params, [target, share](const Scenario& scenario) {
    return std::vector<HpaMetric>{HpaMetric::Utilization(target),
                                  HpaMetric::Latency(share * scenario.Slo())};
  });
}

}  // namespace evenkeel
