#include "policies/reading.hpp"

#include <string_view>

namespace evenkeel {

const Reading& Readings::Find(std::string_view name) const {
  static const Reading kAbsent = Reading::Unknown(ReadingState::kNoData, "not measured");
  const auto found = find(name);
  return found == end() ? kAbsent : found->second;
}

std::string_view ToString(ReadingState state) {
  switch (state) {
    case ReadingState::kValue:
      return "Value";
    case ReadingState::kNoData:
      return "NoData";
    case ReadingState::kNoTraffic:
      return "NoTraffic";
    case ReadingState::kStale:
      return "Stale";
    case ReadingState::kUncovered:
      return "Uncovered";
    case ReadingState::kNotANumber:
      return "NotANumber";
    case ReadingState::kAmbiguous:
      return "Ambiguous";
    case ReadingState::kFailed:
      return "Failed";
  }
  return "Unknown";
}

}  // namespace evenkeel
