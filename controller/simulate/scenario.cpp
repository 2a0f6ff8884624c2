#include "controller/simulate/scenario.hpp"

#include <chrono>
#include <cmath>

namespace evenkeel {

TimePoint AtSimTime(SimSeconds time) {
  return kSimulationBegin + std::chrono::milliseconds(std::llround(time.count() * 1000));
}

}  // namespace evenkeel
