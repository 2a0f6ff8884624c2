#include "controller/kubernetes/watch_health.hpp"

#include <algorithm>
#include <variant>

#include "controller/core/time_format.hpp"

namespace evenkeel {

using std::chrono::milliseconds;

void WatchHealth::Note(const WatchUpdate& update, TimePoint now) {
  const auto* trouble = std::get_if<WatchTrouble>(&update.change);
  if (trouble == nullptr) {
    since_.erase(update.resource);
  } else if (trouble->failures > 0) {  // else it was well until now, and begins anew at once
    since_.try_emplace(update.resource, now);
  }
}

milliseconds WatchHealth::Interrupted(ResourceKind resource, TimePoint now) const {
  const auto found = since_.find(resource);
  return found == since_.end() ? milliseconds{0} : std::max(now - found->second, milliseconds{0});
}

std::string WatchHealth::Distrust(TimePoint now) const {
  for (const auto& [resource, since] : since_) {
    // What a cluster need not have may be broken or forbidden for long, and tells of no pods.
    const Resource& watched = Describe(resource);
    if (watched.optional || now - since < kTrusted) continue;
    return "the watch of " + watched.plural + " has been interrupted for " +
           FormatDuration(std::chrono::floor<std::chrono::seconds>(now - since));
  }
  return {};
}

}  // namespace evenkeel
