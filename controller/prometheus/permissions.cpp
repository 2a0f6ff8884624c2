#include "controller/prometheus/permissions.hpp"

#include <cstddef>
#include <string>
#include <vector>

#include "controller/prometheus/planner.hpp"
#include "policies/policy.hpp"
#include "policies/reading.hpp"

namespace evenkeel {
namespace {

bool Takes(const RawQueryRights& rights, const std::string& source) {
  const auto found = rights.find(source);
  return found == rights.end() || found->second;
}

Reading Refusal(const std::string& source, const std::string& signal) {
  return Reading::Unknown(
      ReadingState::kFailed,
      "metrics.queries[" + signal + "]: the source \"" + source +
          "\" takes no PromQL of policies; an administrator can allow it with rawQueries: true of "
          "this source in the controller's configuration, or with --prometheus-raw-queries for "
          "the one of --prometheus-url");
}

}  // namespace

std::vector<UnmetNeed> RefuseRawQueries(std::vector<PolicyNeeds>& policies,
                                        const RawQueryRights& rights) {
  std::vector<UnmetNeed> refused;
  for (std::size_t policy = 0; policy < policies.size(); ++policy) {
    const MetricsSpec& metrics = policies[policy].metrics;
    if (Takes(rights, metrics.source)) continue;
    std::erase_if(policies[policy].needs, [&](const Need& need) {
      if (!metrics.queries.contains(need.signal)) return false;
      refused.push_back({policy, need.signal, Refusal(metrics.source, need.signal)});
      return true;
    });
  }
  return refused;
}

}  // namespace evenkeel
