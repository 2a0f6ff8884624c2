#include "controller/kubernetes/watch_state.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include "controller/core/backoff.hpp"
#include "policies/result.hpp"

namespace evenkeel {
namespace {

using std::chrono::milliseconds;

WatchState ListFromStart(WatchState state) {
  state.phase = WatchState::Phase::kListing;
  state.continue_token.clear();
  state.resource_version.clear();
  return state;
}

// Errors after which the resourceVersion or the picture made with it is not to be relied on.
bool NeedsRelist(ErrorKind kind) {
  return kind == ErrorKind::kGone || kind == ErrorKind::kMalformed ||
         kind == ErrorKind::kTooLarge || kind == ErrorKind::kNotFound ||
         kind == ErrorKind::kInvalid;
}

struct Machine {
  WatchState state;
  bool optional_resource;
  double jitter;
  const Backoff& backoff;
  milliseconds healthy_after;

  WatchStep operator()(const PageListed& page) {
    state.continue_token = page.continue_token;
    if (!page.continue_token.empty()) return {std::move(state), milliseconds{0}};
    state.phase = WatchState::Phase::kWatching;
    state.resource_version = page.resource_version;
    state.synced = true;
    return {std::move(state), milliseconds{0}};
  }

  WatchStep operator()(const ListFailed& failed) {
    if (optional_resource && failed.error.kind == ErrorKind::kNotFound) {
      state.synced = true;
      state.failures = 0;
      return {ListFromStart(std::move(state)),
              RetryDelay({kAbsentRecheck, kAbsentRecheck}, 1, jitter)};
    }
    if (failed.error.kind == ErrorKind::kTooLarge && state.page_limit > 1) {
      state.page_limit /= 2;
      return {std::move(state), milliseconds{0}};
    }
    ++state.failures;
    if (failed.error.kind == ErrorKind::kGone) state = ListFromStart(std::move(state));
    return Wait(failed.error);
  }

  WatchStep operator()(const WatchAdvanced& advanced) {
    state.resource_version = advanced.resource_version;
    state.failures = 0;
    return {std::move(state), milliseconds{0}};
  }

  WatchStep operator()(const WatchEnded& ended) {
    // The server ends each watch sooner than the silence lasts that is taken for death.
    const bool silent = ended.error && ended.error->kind == ErrorKind::kTimeout;
    const bool healthy = ended.lasted && *ended.lasted >= healthy_after && !silent;
    const bool in_doubt = ended.error && NeedsRelist(ended.error->kind);
    const bool forgiven = healthy && (!in_doubt || ended.error->kind == ErrorKind::kGone);
    state.failures = forgiven ? 0 : state.failures + 1;
    if (in_doubt) state = ListFromStart(std::move(state));
    return Wait(ended.error.value_or(Error{}));
  }

  // As long as back-off says, or as the server asked if that is longer.
  WatchStep Wait(const Error& error) {
    milliseconds delay = RetryDelay(backoff, state.failures, jitter);
    if (error.retry_after) {
      const milliseconds wish = std::min<milliseconds>(*error.retry_after, kMaxRetryAfter);
      delay = std::max(delay, wish);
    }
    return {std::move(state), delay};
  }
};

}  // namespace

WatchStep NextStep(WatchState state, const WatchInput& input, bool optional_resource, double jitter,
                   const Backoff& backoff, milliseconds healthy_after) {
  return std::visit(Machine{std::move(state), optional_resource, jitter, backoff, healthy_after},
                    input);
}

}  // namespace evenkeel
