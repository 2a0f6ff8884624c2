#include "policies/policy.hpp"

#include <string_view>

namespace evenkeel {

std::string_view ToString(ProposalKind kind) {
  switch (kind) {
    case ProposalKind::kNoOpinion:
      return "NoOpinion";
    case ProposalKind::kReactive:
      return "Reactive";
    case ProposalKind::kFloor:
      return "Floor";
    case ProposalKind::kHold:
      return "Hold";
  }
  return "Unknown";
}

}  // namespace evenkeel
