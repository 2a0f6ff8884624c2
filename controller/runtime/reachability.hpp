// Reachability: does the API server still answer in this round? Used by one thread.
//
// Once it does not, the rest of the round's requests are not worth trying: a thousand deadlines in
// a row would stop the controller. That is a connection which fails, or deadlines that two
// different objects have missed, for one alone may be a webhook's doing. The next round tries
// again.
#pragma once

#include <string>

#include "policies/result.hpp"

namespace evenkeel {

class Reachability {
 public:
  // Forgets what was.
  void BeginRound() {
    lost_ = false;
    late_.clear();
  }

  // A request for that object has got no answer.
  void NoteFailure(const Error& error, const std::string& object) {
    const bool late = error.kind == ErrorKind::kTimeout;
    lost_ = !late || (!late_.empty() && late_ != object);
    if (late) late_ = object;
  }

  // What a request that is not tried fails with.
  [[nodiscard]] bool Lost() const { return lost_; }
  [[nodiscard]] static Error NotTried() {
    return {ErrorKind::kCancelled, "not tried: the API server did not answer before", {}};
  }

 private:
  bool lost_ = false;
  std::string late_;  // which object missed its deadline
};

}  // namespace evenkeel
