#include "controller/simulate/disturbances.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace evenkeel {

Disturbances::Disturbances(const Scenario& scenario, Plant& plant, Telemetry& telemetry,
                           Deployment& deployment)
    : scenario_(scenario), plant_(plant), telemetry_(telemetry), deployment_(deployment) {}

void Disturbances::Schedule(Agenda& agenda, std::function<void()> restart_scaler) {
  restart_scaler_ = std::move(restart_scaler);
  for (const ScenarioEvent& event : scenario_.events) {
    agenda.Add(event.at.count(), [this, &event](double now) { Begin(event, now); });
    agenda.Add(event.End().count(), [this, &event](double) { End(event); });
  }
}

void Disturbances::Begin(const ScenarioEvent& event, double now) {
  active_[&event] = event.kind == EventKind::kPodSlow ? deployment_.OldestReady(event.pods)
                                                      : std::vector<PodIndex>{};
  if (event.kind == EventKind::kControllerRestart) restart_scaler_();
  if (event.kind == EventKind::kPodsLost) deployment_.Lose(now, event.pods);
  if (event.kind == EventKind::kRelease) deployment_.Release(now, event.amount);
  SetFactors();
}

void Disturbances::End(const ScenarioEvent& event) {
  const auto found = active_.find(&event);
  if (found == active_.end()) return;
  for (const PodIndex pod : found->second) plant_.SetPodFactor(pod, 1);
  active_.erase(found);
  SetFactors();
}

void Disturbances::SetFactors() {
  double database = 1;
  double work = 1;
  double errors = 0;
  bool unreachable = false;
  bool down = false;
  for (const auto& [event, pods] : active_) {
    if (event->kind == EventKind::kDatabaseSlow) database *= event->amount;
    if (event->kind == EventKind::kWorkFactor) work *= event->amount;
    if (event->kind == EventKind::kErrors) errors += event->amount;
    unreachable = unreachable || event->kind == EventKind::kMetricsGone;
    down = down || event->kind == EventKind::kPrometheusRestart;
    for (const PodIndex pod : pods) plant_.SetPodFactor(pod, event->amount);
  }
  plant_.SetDatabaseFactor(database);
  plant_.SetWorkFactor(work);
  plant_.SetErrorFraction(std::min(errors, 1.0));
  telemetry_.SetReachable(!unreachable);
  telemetry_.SetDown(down);
}

}  // namespace evenkeel
