// The list/watch protocol as a pure function: what to do next, given what just happened.
//
//   phase     what happened                          then
//   --------  -------------------------------------  ------------------------------------------
//   listing   a page with a continue token           next page, at once
//   listing   the last page                          watch from the list's resourceVersion
//   listing   kGone (continue token expired)         list from the start, after back-off
//   listing   kNotFound, resource is optional        there are none: synced; list again within a
//                                                    minute
//   listing   kTooLarge                              the same page with half as many objects, at
//                                                    once, and so from then on
//   listing   any other error                        the same page again, after back-off
//   watching  event or bookmark                      read on; resume from its resourceVersion
//   watching  kGone (410, as status or as event)     list; at once if the watch had been healthy
//   watching  any other answer that is an error in    list, after back-off: the picture is in doubt
//             itself (kMalformed, kTooLarge, kNotFound, kInvalid)
//   watching  end or reset, after a long one         resume from the last resourceVersion, at once
//   watching  end or reset, after a short one        the same, after back-off
//   watching  refusal, however long in coming        the same, after back-off
//   watching  silence, however long                  the same, after back-off
//   any       kThrottled or a Retry-After            as above, but waits as long as asked
//
// Back-off grows with failures in a row; an event, a bookmark, or a watch that lasted
// `healthy_after` and did not fall silent ends the row. A list alone does not: else a server that
// lists but cannot watch would be listed without pause.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "controller/core/backoff.hpp"
#include "policies/result.hpp"

namespace evenkeel {

inline constexpr std::chrono::seconds kHealthyWatch{10};
inline constexpr std::chrono::seconds kAbsentRecheck{60};
inline constexpr std::chrono::seconds kMaxRetryAfter{120};  // a longer wish is not granted

struct WatchState {
  enum class Phase : std::uint8_t { kListing, kWatching };

  Phase phase = Phase::kListing;
  std::string continue_token{};    // while listing; empty: the first page
  std::string resource_version{};  // while watching
  int page_limit = 500;            // objects of a page
  bool synced = false;             // a whole list has been seen, or the resource is absent
  int failures = 0;                // in a row

  bool operator==(const WatchState&) const = default;
};

struct PageListed {
  std::string resource_version{};
  std::string continue_token{};
};
struct ListFailed {
  Error error{};
};
struct WatchAdvanced {
  std::string resource_version{};
};
struct WatchEnded {
  std::optional<Error> error{};                       // none: the server ended it in good order
  std::optional<std::chrono::milliseconds> lasted{};  // none: it never began
};
using WatchInput = std::variant<PageListed, ListFailed, WatchAdvanced, WatchEnded>;

struct WatchStep {
  WatchState state;  // what to do: list the page, or watch, or (WatchAdvanced) read on
  std::chrono::milliseconds delay{0};  // wait this long before

  bool operator==(const WatchStep&) const = default;
};

// `optional_resource`: a 404 means that the cluster has none. `jitter` is uniform in [0, 1).
[[nodiscard]] WatchStep NextStep(WatchState state, const WatchInput& input, bool optional_resource,
                                 double jitter, const Backoff& backoff = {},
                                 std::chrono::milliseconds healthy_after = kHealthyWatch);

}  // namespace evenkeel
