// The parts of a scenario file, each read where it is explained best. For scenario_parser.cpp only.
#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include "controller/core/spec_reader.hpp"
#include "controller/simulate/scenario.hpp"

namespace evenkeel {

// Each reads one field of a scenario; faults are added to the reader's list.
[[nodiscard]] Arrivals ReadArrivals(SpecObject& scenario, const TraceReader& read);
// `known` has all else already.
[[nodiscard]] std::vector<ScenarioEvent> ReadEvents(SpecObject& scenario, const Scenario& known);

// A time within a scenario.
inline constexpr DurationRule kSimTime{
    std::chrono::seconds{0}, std::chrono::hours{168},
    "must be a duration with a unit, from 0s to 168h, e.g. \"1h30m\""};

// Keeps the default where the file says nothing.
template <class Value, class Read>
void Set(Value& value, std::optional<Read> read) {
  if (read) value = *std::move(read);
}

}  // namespace evenkeel
