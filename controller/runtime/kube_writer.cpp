#include "controller/runtime/kube_writer.hpp"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "controller/kubernetes/responses.hpp"

namespace evenkeel {
namespace {

// Nothing else is created.
bool IsEvent(const HttpRequest& request) { return request.method == "POST"; }

}  // namespace

Result<HttpResponse> KubeWriter::Send(const HttpRequest& request, std::stop_token stop) {
  if (reach_.Lost() || (events_late_ && IsEvent(request))) return Reachability::NotTried();
  if (!AwaitToken(stop)) {
    return Error{ErrorKind::kThrottled, "not tried: --kube-api-qps is used up for now", {}};
  }
  Result<HttpResponse> response = transport_.Send(request, std::move(stop));
  if (!response) NoteFailure(request, response.error());
  return response;
}

void KubeWriter::NoteFailure(const HttpRequest& request, const Error& error) {
  if (IsEvent(request) && error.kind == ErrorKind::kTimeout) {
    events_late_ = true;
  } else {
    reach_.NoteFailure(error, request.target);
  }
}

bool KubeWriter::AwaitToken(const std::stop_token& stop) {
  const Clock::duration wait = bucket_.Wait(Clock::now());
  if (wait > left_) return false;
  if (wait > Clock::duration::zero()) {
    left_ -= wait;
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any().wait_for(lock, stop, wait, [] { return false; });
  }
  return bucket_.Take(Clock::now());
}

Result<Scale> KubeWriter::PatchScale(const Resource& resource, const ObjectKey& key,
                                     Replicas replicas, const std::string& resource_version,
                                     int& http_status, std::stop_token stop) {
  const Result<HttpResponse> response =
      Send(PatchScaleRequest(resource, key, replicas, resource_version), std::move(stop));
  http_status = response ? response->status : 0;
  if (!response) return response.error();
  return ParseScale(*response);
}

Result<nlohmann::json> KubeWriter::PatchStatus(const ObjectKey& policy, const std::string& uid,
                                               const nlohmann::json& before,
                                               const nlohmann::json& after, std::stop_token stop) {
  const Result<HttpResponse> response =
      Send(PatchStatusRequest(policy, uid, before, after), std::move(stop));
  if (!response) return response.error();
  const Result<Object> object = ParseObject(ResourceKind::kScalingPolicies, *response);
  if (!object) return object.error();
  const auto* custom = std::get_if<CustomObject>(&*object);
  return custom == nullptr ? nlohmann::json() : custom->json.value("status", nlohmann::json());
}

Status KubeWriter::SendEvent(const EventNote& note, const EventContext& context,
                             std::stop_token stop) {
  const Result<HttpResponse> response = Send(CreateEventRequest(note, context), std::move(stop));
  if (!response) return response.error();
  const Status checked = CheckResponse(*response);
  if (!checked && checked.error().kind == ErrorKind::kConflict) return Ok();
  return checked;
}

}  // namespace evenkeel
