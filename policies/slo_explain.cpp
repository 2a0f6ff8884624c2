#include "policies/slo_explain.hpp"

#include <array>
#include <cstdio>

#include "policies/slo_probe.hpp"
#include "policies/slo_recurrence.hpp"

namespace evenkeel::slo {
namespace {

// erlangs per second; what is provided for of it, slo_demand.hpp tells.
double Slope(const Demand& demand) {
  return demand.overload ? demand.model.climb : demand.model.trend;
}

void AddModel(const Demand& demand, nlohmann::json& evidence) {
  const Model& model = demand.model;
  evidence["demand"] = demand.now;
  evidence["demandAhead"] = demand.ahead;
  evidence["noise"] = model.noise;
  evidence["trend"] = Slope(demand);
  evidence["horizon"] = demand.horizon;
  if (model.work > 0) evidence["workPerRequest"] = model.work;
}

std::string Short(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", number);
  return text.data();
}

}  // namespace

nlohmann::json Evidence(const View& view, const std::optional<Demand>& demand) {
  nlohmann::json evidence = {{"loop", ToString(view.heat)}};
  if (view.latency) evidence["latencyRatio"] = *view.latency;
  if (view.errors) evidence["errorRatio"] = *view.errors;
  if (view.lag_ratio) evidence["lagRatio"] = *view.lag_ratio;
  if (view.utilization) {
    evidence["utilization"] = *view.utilization;
    evidence["targetUtilization"] = view.target_utilization;
  }
  if (demand) AddModel(*demand, evidence);
  return evidence;
}

std::string Working(const View& view, const std::optional<Demand>& demand) {
  if (!demand) return {};
  const Model& model = demand->model;
  std::string text = "demand:" + Short(demand->now) + ",noise:" + Short(model.noise) +
                     ",trend:" + Short(Slope(*demand)) + "/s,horizon:" + Short(demand->horizon) +
                     "s,ahead:" + Short(demand->ahead) +
                     ",target:" + Short(100 * view.target_utilization) + "%";
  if (model.work > 0) text += ",work:" + Short(1000 * model.work) + "ms";
  if (KeptFor(view) > 0) text += ",kept:" + Short(KeptFor(view));
  if (NeededByLimit(view) > 0) text += ",limit:" + Short(view.memory.limit->per_pod) + "/s";
  return text;
}

}  // namespace evenkeel::slo
