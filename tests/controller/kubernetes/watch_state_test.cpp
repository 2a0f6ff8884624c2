#include "controller/kubernetes/watch_state.hpp"

#include <chrono>
#include <optional>
#include <string>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using Phase = WatchState::Phase;

constexpr double kFullJitter = 1.0;  // the whole delay, so that it can be compared

WatchStep Next(const WatchState& state, const WatchInput& input, bool optional_resource = false) {
  return NextStep(state, input, optional_resource, kFullJitter, Backoff{1s, 30s});
}

WatchState Listing(std::string token = {}, int failures = 0) {
  return {.phase = Phase::kListing, .continue_token = std::move(token), .failures = failures};
}

WatchState Watching(int failures = 0) {
  return {.phase = Phase::kWatching, .resource_version = "7", .synced = true, .failures = failures};
}

Error Of(ErrorKind kind, std::optional<std::chrono::milliseconds> retry_after = {}) {
  return {kind, "test", retry_after};
}

TEST_CASE("a page with a continue token leads to the next page at once") {
  const WatchStep step = Next(Listing(), PageListed{"5", "more"});
  CHECK(step == WatchStep{Listing("more"), 0ms});
}

TEST_CASE("the last page leads to a watch from its resourceVersion") {
  const WatchStep step = Next(Listing("more"), PageListed{"5", ""});
  CHECK(step.state.phase == Phase::kWatching);
  CHECK(step.state.resource_version == "5");
  CHECK(step.state.synced);
  CHECK(step.delay == 0ms);
}

TEST_CASE("a failed page is asked for again after a growing delay") {
  WatchStep step = Next(Listing("more"), ListFailed{Of(ErrorKind::kUnavailable)});
  CHECK(step == WatchStep{Listing("more", 1), 1s});
  step = Next(step.state, ListFailed{Of(ErrorKind::kTimeout)});
  CHECK(step == WatchStep{Listing("more", 2), 2s});
  step = Next(Listing("more", 50), ListFailed{Of(ErrorKind::kForbidden)});
  CHECK(step.delay == 30s);
}

TEST_CASE("a page that is too large is asked for at once with half as many objects, down to one") {
  WatchState state = Listing("more");
  for (int i = 0; i < 8; ++i) {
    const WatchStep step = Next(state, ListFailed{Of(ErrorKind::kTooLarge)});
    CHECK(step.delay == 0ms);
    CHECK(step.state.page_limit == state.page_limit / 2);
    CHECK(step.state.continue_token == "more");
    state = step.state;
  }
  CHECK(state.page_limit == 1);
  CHECK(Next(state, ListFailed{Of(ErrorKind::kTooLarge)}).delay == 1s);
  CHECK(Next(state, PageListed{"5", ""}).state.page_limit == 1);
}

TEST_CASE("an expired continue token lists from the start, after back-off") {
  const WatchStep step = Next(Listing("old"), ListFailed{Of(ErrorKind::kGone)});
  CHECK(step == WatchStep{Listing("", 1), 1s});
}

TEST_CASE("an optional resource that the cluster does not know is synced and asked for later") {
  const WatchStep absent = Next(Listing("", 3), ListFailed{Of(ErrorKind::kNotFound)}, true);
  CHECK(absent.state.synced);
  CHECK(absent.state.phase == Phase::kListing);
  CHECK(absent.state.failures == 0);
  CHECK(absent.delay == kAbsentRecheck);

  const WatchStep missing = Next(Listing(), ListFailed{Of(ErrorKind::kNotFound)}, false);
  CHECK_FALSE(missing.state.synced);
  CHECK(missing.delay == 1s);
}

TEST_CASE("events and bookmarks advance the resourceVersion and end the row of failures") {
  const WatchStep step = Next(Watching(4), WatchAdvanced{"8"});
  CHECK(step.state.resource_version == "8");
  CHECK(step.state.failures == 0);
  CHECK(step.state.phase == Phase::kWatching);
}

TEST_CASE("410 lists again: at once after a healthy watch, else after back-off") {
  const WatchStep healthy = Next(Watching(), WatchEnded{Of(ErrorKind::kGone), kHealthyWatch});
  CHECK(healthy.state.phase == Phase::kListing);
  CHECK(healthy.state.resource_version.empty());
  CHECK(healthy.state.synced);
  CHECK(healthy.delay == 0ms);

  const WatchStep at_once = Next(Watching(1), WatchEnded{Of(ErrorKind::kGone), 5ms});
  CHECK(at_once.state.phase == Phase::kListing);
  CHECK(at_once.delay == 2s);
}

TEST_CASE("a server that lists but cannot watch is not listed without pause") {
  WatchStep step = Next(Watching(), WatchEnded{Of(ErrorKind::kGone), 5ms});
  CHECK(step.delay == 1s);
  step = Next(step.state, PageListed{"9", ""});
  step = Next(step.state, WatchEnded{Of(ErrorKind::kGone), 5ms});
  CHECK(step.delay == 2s);
}

TEST_CASE("a stream in doubt lists again, always after back-off") {
  for (const ErrorKind kind :
       {ErrorKind::kMalformed, ErrorKind::kTooLarge, ErrorKind::kNotFound, ErrorKind::kInvalid}) {
    const WatchStep step = Next(Watching(), WatchEnded{Of(kind), 1h});
    CHECK(step.state.phase == Phase::kListing);
    CHECK(step.delay == 1s);
  }
}

TEST_CASE("a watch that ends after a long time is resumed at once from the last resourceVersion") {
  for (const std::optional<Error>& error :
       {std::optional<Error>{}, std::optional(Of(ErrorKind::kUnavailable))}) {
    CHECK(Next(Watching(2), WatchEnded{error, kHealthyWatch}) == WatchStep{Watching(), 0ms});
  }
}

TEST_CASE("a watch that fell silent is a failure, however long it lasted") {
  const WatchEnded silent{Of(ErrorKind::kTimeout), 90s};
  CHECK(Next(Watching(), silent) == WatchStep{Watching(1), 1s});
}

TEST_CASE("a watch that was refused is a failure, however long the refusal took") {
  const WatchEnded refused{Of(ErrorKind::kThrottled), {}};
  CHECK(Next(Watching(1), refused) == WatchStep{Watching(2), 2s});
}

TEST_CASE("a watch that ends soon is resumed after back-off") {
  CHECK(Next(Watching(), WatchEnded{{}, 0ms}) == WatchStep{Watching(1), 1s});
  CHECK(Next(Watching(1), WatchEnded{Of(ErrorKind::kUnavailable), 9s}) ==
        WatchStep{Watching(2), 2s});
  CHECK(Next(Watching(2), WatchEnded{Of(ErrorKind::kTls), 1ms}) == WatchStep{Watching(3), 4s});
}

TEST_CASE("Retry-After is waited for, up to a bound, and back-off if that is longer") {
  CHECK(Next(Listing(), ListFailed{Of(ErrorKind::kThrottled, 17s)}).delay == 17s);
  CHECK(Next(Listing(), ListFailed{Of(ErrorKind::kThrottled, 24h)}).delay == kMaxRetryAfter);
  CHECK(Next(Listing("", 4), ListFailed{Of(ErrorKind::kThrottled, 1s)}).delay == 16s);
  CHECK(Next(Watching(), WatchEnded{Of(ErrorKind::kThrottled, 17s), 1ms}).delay == 17s);
}

}  // namespace
}  // namespace evenkeel
