// WatchHealth: which watches are interrupted, and for how long. A value; owned by one thread.
//
// What was known before an interruption goes on being used, for nothing newer is known. But the
// longer it lasts, the less a cluster resembles its picture: pods that count as ready may be gone,
// and scale-in on such a picture takes away what is needed.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "controller/kubernetes/resources.hpp"
#include "controller/kubernetes/watch_cache.hpp"
#include "policies/policy.hpp"

namespace evenkeel {

class WatchHealth {
 public:
  // A picture that has not been renewed for longer is too old to scale in on. A restart of the API
  // server is over sooner; but a watch of a quiet resource may take 75 s more to say that it is
  // well.
  static constexpr std::chrono::minutes kTrusted{2};

  void Note(const WatchUpdate& update, TimePoint now);

  // How long it has been interrupted; 0 while it watches.
  [[nodiscard]] std::chrono::milliseconds Interrupted(ResourceKind resource, TimePoint now) const;
  // Why scale-in must wait, as a sentence; empty if every watch is to be trusted.
  [[nodiscard]] std::string Distrust(TimePoint now) const;

 private:
  std::map<ResourceKind, TimePoint> since_;
};

}  // namespace evenkeel
