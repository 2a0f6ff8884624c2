// Vectors written by hand, in short: for the cases that the HPA's own tests and threads are about.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policies/policy.hpp"

namespace evenkeel::conformance {

using nlohmann::json;

// One letter a pod, those with a sample in the order of `samples`; samples left over belong to
// nobody.
//   T ready            F unready, never was ready       L unready, lost its readiness
//   H started 10 s ago and ready, its sample half older than that
//   X failed           D terminating, otherwise ready
//   M ready, without a sample                           P pending, without a sample
struct PodsCase {
  int current;
  std::vector<std::int64_t> samples;  // percent of a request of 1000 milli, or milli
  std::int64_t target;                // percent, or milli
  std::string_view pods;
  Tolerance tolerance{};
  std::vector<std::int64_t> requests{};  // milli, where they are not 1000 each; samples are milli
};
[[nodiscard]] json CpuCase(const PodsCase& pods);
[[nodiscard]] json PodsMetricCase(const PodsCase& pods);

// A metric of the whole; `function` is "objectValue", "externalAverage", ...
struct ValueCase {
  int current;
  std::vector<std::int64_t> usages;
  std::int64_t target;
  std::string_view pods;
  Tolerance tolerance{};
  int status = -1;  // as current
};
[[nodiscard]] json WholeCase(std::string_view function, const ValueCase& value);

using Aged = std::vector<std::pair<int, int>>;  // value or change, seconds ago

// Rules are "Max 4p/60 100%/60", or "" for autoscaling/v2's defaults.
struct RateCase {
  std::string_view up;
  std::string_view down;
  int current;
  int wanted;
  int least;
  int most;
  Aged ups{};
  Aged downs{};
};
[[nodiscard]] json LimitCase(const RateCase& rate);
// Without `spec.behavior`.
[[nodiscard]] json PlainLimitCase(int current, int wanted, int least, int most);

[[nodiscard]] json StabilizeCase(int up_window, int down_window, int current, int proposal,
                                 const Aged& recommendations);
[[nodiscard]] json PlainStabilizeCase(int down_window, int proposal, const Aged& recommendations);

}  // namespace evenkeel::conformance
