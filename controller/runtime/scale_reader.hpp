// ScaleReader: targets of kinds that are not watched (an Argo Rollout, any CRD with /scale), and
// where the API keeps a target's kind. Once the API server does not answer, the rest of the round's
// reads are refused without being tried (reachability.hpp). Used by one thread.
#pragma once

#include <map>
#include <stop_token>
#include <string>

#include "controller/core/scaling_policy.hpp"
#include "controller/kubernetes/resources.hpp"
#include "controller/runtime/http_transport.hpp"
#include "controller/runtime/reachability.hpp"
#include "controller/runtime/world.hpp"

namespace evenkeel {

class ScaleReader {
 public:
  explicit ScaleReader(HttpTransport& transport) : transport_(transport) {}

  void BeginRound() {
    reach_.BeginRound();
    late_groups_.clear();
  }

  // Asked of the API server the first time, remembered afterwards; that its group's server hangs,
  // for the round, or each of its policies would wait for it. kInvalid if the group has no such
  // kind, or it cannot be scaled.
  [[nodiscard]] Result<Resource> ResourceOf(const TargetRef& target, std::stop_token stop);

  // One GET of /scale. Its pods are not known one by one: all that exist count as ready.
  [[nodiscard]] Result<ScaledTarget> Read(const ScalingPolicy& policy, std::stop_token stop);

 private:
  [[nodiscard]] Result<Resource> Discover(const TargetRef& type, std::stop_token stop);
  [[nodiscard]] Result<HttpResponse> Send(const HttpRequest& request, std::stop_token stop);

  HttpTransport& transport_;
  Reachability reach_;
  std::map<TargetRef, Resource> resources_;     // by apiVersion and kind, without a name
  std::map<std::string, Error> late_groups_{};  // by apiVersion, in this round
};

}  // namespace evenkeel
