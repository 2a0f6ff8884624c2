#include "controller/core/decision.hpp"

#include <string_view>

namespace evenkeel {

std::string_view ToString(Stage stage) {
  switch (stage) {
    case Stage::kCombine:
      return "combine";
    case Stage::kHold:
      return "hold";
    case Stage::kStabilize:
      return "stabilize";
    case Stage::kRateLimit:
      return "rateLimit";
    case Stage::kBounds:
      return "bounds";
  }
  return "unknown";
}

}  // namespace evenkeel
