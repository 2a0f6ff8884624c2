// Where the default arithmetic deliberately differs from the HPA's: the improvements by name, as
// policies/ratio.cpp and controller/core/behavior.hpp describe them.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "conformance/vectors.hpp"

namespace evenkeel::conformance {

struct Improvement {
  std::string_view name;
  std::string_view sentence;
};

// The first improvement that explains why `ours` is not `hpa`; nothing if none does.
[[nodiscard]] std::optional<Improvement> Explain(const nlohmann::json& vector, const Answer& hpa,
                                                 const Answer& ours);

}  // namespace evenkeel::conformance
