// The two arithmetics of module ratio, as ratio.cpp describes them. For ratio.cpp and its tests.
#pragma once

#include <string>
#include <string_view>

#include "policies/policy.hpp"
#include "policies/result.hpp"

namespace evenkeel {

enum class RatioType { kValue, kAverageValue, kUtilization };

struct RatioSpec {
  std::string signal{};
  double target = 1;  // > 0, in the signal's unit; with kUtilization in percent
  RatioType type = RatioType::kValue;
};

struct RatioVerdict {
  Replicas replicas = 0;    // >= 0
  std::string_view reason;  // "InTolerance", "AboveTarget", "BelowTarget", "UnmeasuredPods"

  bool operator==(const RatioVerdict&) const = default;
};

// Both want a reading with a finite value, and fail with kNotFound where no pod's sample counts.
[[nodiscard]] Result<RatioVerdict> JudgeExactly(const RatioSpec& spec, const Input& input,
                                                const Reading& reading);
[[nodiscard]] Result<RatioVerdict> JudgeAsHpa(const RatioSpec& spec, const Input& input,
                                              const Reading& reading);

}  // namespace evenkeel
