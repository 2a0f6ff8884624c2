// KubeWriter: every write to the API server, paced by a token bucket and bounded in time.
//
// Once the API server does not answer, the rest of the round's writes are refused without being
// tried: a thousand deadlines in a row would stop the controller. The next round tries again.
// Used by one thread.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/core/token_bucket.hpp"
#include "controller/kubernetes/objects.hpp"
#include "controller/kubernetes/requests.hpp"
#include "controller/runtime/http_transport.hpp"

namespace evenkeel {

class KubeWriter {
 public:
  KubeWriter(HttpTransport& transport, TokenBucket bucket)
      : transport_(transport), bucket_(bucket) {}

  // Forgets that the API server did not answer.
  void BeginRound() { unreachable_ = false; }

  // The HTTP status of the answer is in `http_status` (0 if none came).
  [[nodiscard]] Result<Scale> PatchScale(const Resource& resource, const ObjectKey& key,
                                         Replicas replicas, const std::string& resource_version,
                                         int& http_status, std::stop_token stop);
  // The object's new status, as the API server has it.
  [[nodiscard]] Result<nlohmann::json> PatchStatus(const ObjectKey& policy, const std::string& uid,
                                                   const nlohmann::json& before,
                                                   const nlohmann::json& after,
                                                   std::stop_token stop);
  // A 409 is a success: the event is there already.
  [[nodiscard]] Status SendEvent(const EventNote& note, const EventContext& context,
                                 std::stop_token stop);

 private:
  [[nodiscard]] Result<HttpResponse> Send(const HttpRequest& request, std::stop_token stop);

  HttpTransport& transport_;
  TokenBucket bucket_;
  bool unreachable_ = false;
};

}  // namespace evenkeel
