// Record: what one episode (a scenario, a scaler, a seed) left behind; scores and plots are made
// from it and from nothing else. Pure values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "controller/simulate/scenario.hpp"
#include "policies/policy.hpp"

namespace evenkeel {

// One second of an episode, at its end.
struct SecondRecord {
  float rate = 0;     // requests/s that arrive on average, noise included
  Replicas spec = 0;  // asked for and paid
  Replicas ready = 0;
  Replicas needed = 0;  // NeededAt
};

// Ten seconds, by the arrival of the requests. Bad: slower than the objective, timed out, or failed
// by overload (not by an `errors` event).
inline constexpr SimSeconds kRecordWindow{10};
struct WindowRecord {
  std::uint32_t requests = 0;
  std::uint32_t bad = 0;
  std::uint32_t failed = 0;  // for whatever reason
  float p99 = 0;             // s, client side, failures included with the time they took
  float utilization = 0;     // mean ELU of ready pods in the window
};

struct ChangeRecord {
  SimSeconds at{0};
  Replicas from = 0;
  Replicas to = 0;
  std::string reason{};
};

struct PodRecord {
  SimSeconds created{0};
  SimSeconds ready{-1};   // below 0: never
  SimSeconds ended{-1};   // when it was told to go; below 0: alive at the end
  bool by_scaler = true;  // created by a scale-out, and not a replacement
};

struct Record {
  std::string scenario;
  std::string policy;
  std::uint64_t seed = 0;
  SimSeconds duration{0};
  SimSeconds warmup{0};
  std::vector<SecondRecord> seconds{};
  std::vector<WindowRecord> windows{};
  std::vector<ChangeRecord> changes{};
  std::vector<PodRecord> pods{};
  std::uint64_t requests = 0;  // simulated in all, for the speed
};

}  // namespace evenkeel
