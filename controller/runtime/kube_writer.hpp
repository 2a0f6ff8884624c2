// KubeWriter: every write to the API server, paced by a token bucket and bounded in time.
//
// A write waits for its token, as long as the round has patience left for all of them; then the
// rest is refused, and comes again with the next round.
//
// Once the API server does not answer, the rest of the round's writes are refused without being
// tried (reachability.hpp); and once an event has missed its deadline, the rest of its events: they
// matter least, and there are many. Used by one thread.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/core/token_bucket.hpp"
#include "controller/kubernetes/objects.hpp"
#include "controller/kubernetes/requests.hpp"
#include "controller/runtime/http_transport.hpp"
#include "controller/runtime/reachability.hpp"

namespace evenkeel {

class KubeWriter {
 public:
  using Clock = TokenBucket::Time::clock;

  // `patience`: what all writes of a round may wait for tokens.
  KubeWriter(HttpTransport& transport, TokenBucket bucket, Clock::duration patience)
      : transport_(transport), bucket_(bucket), patience_(patience), left_(patience) {}

  // Forgets that the API server did not answer, and is patient again.
  void BeginRound() {
    reach_.BeginRound();
    events_late_ = false;
    left_ = patience_;
  }

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
  void NoteFailure(const HttpRequest& request, const Error& error);
  [[nodiscard]] bool AwaitToken(const std::stop_token& stop);

  HttpTransport& transport_;
  TokenBucket bucket_;
  const Clock::duration patience_;
  Clock::duration left_;  // of it, in this round
  Reachability reach_;
  bool events_late_ = false;
};

}  // namespace evenkeel
