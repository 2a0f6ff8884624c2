// Disturbances: the events of a scenario, done to the simulated world.
#pragma once

#include <functional>
#include <map>

#include "controller/simulate/agenda.hpp"
#include "controller/simulate/deployment.hpp"
#include "controller/simulate/plant.hpp"
#include "controller/simulate/scenario.hpp"
#include "controller/simulate/telemetry.hpp"

namespace evenkeel {

class Disturbances {
 public:
  // All must outlive this.
  Disturbances(const Scenario& scenario, Plant& plant, Telemetry& telemetry,
               Deployment& deployment);

  // Adds the beginning and end of every event.
  void Schedule(Agenda& agenda, std::function<void()> restart_scaler);

 private:
  void Begin(const ScenarioEvent& event, double now);
  void End(const ScenarioEvent& event);
  // Events of a kind may overlap: their factors multiply, and their fractions add up.
  void SetFactors();

  const Scenario& scenario_;
  Plant& plant_;
  Telemetry& telemetry_;
  Deployment& deployment_;
  std::function<void()> restart_scaler_;
  std::map<const ScenarioEvent*, std::vector<PodIndex>> active_;  // and the pods it is about
};

}  // namespace evenkeel
