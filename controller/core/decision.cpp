#include "controller/core/decision.hpp"

#include <string>
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

std::string Describe(const SignalView& signal) {
  std::string text = signal.name + " is " + std::string(ToString(signal.reading.state));
  if (!signal.reading.message.empty()) text += " (" + signal.reading.message + ")";
  return text;
}

}  // namespace evenkeel
