// Round: gather → decide → act → report, once for the policies that are due. Used by one thread. A
// policy that this controller decides on for the first time is recalled before (recall.hpp). The
// policies of each source are decided on and reported as soon as that source has answered
// (gathering.hpp); the round ends with the last, by the fetch deadline and the time for its writes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/core/decide.hpp"
#include "controller/core/outcome.hpp"
#include "controller/prometheus/census.hpp"
#include "controller/prometheus/permissions.hpp"
#include "controller/runtime/built_in_presets.hpp"
#include "controller/runtime/fetcher.hpp"
#include "controller/runtime/kube_writer.hpp"
#include "controller/runtime/metrics.hpp"
#include "controller/runtime/plan_page.hpp"
#include "controller/runtime/reporter.hpp"
#include "controller/runtime/scale_reader.hpp"
#include "controller/runtime/world.hpp"

namespace evenkeel {

// How questions are put to the sources, and what is known of them.
struct Planning {
  PresetTable presets = BuiltInPresets();
  Census census{};
};

// What a round works with; all of it outlives the round.
struct RoundContext {
  World& world;
  Fetcher& fetcher;
  ScaleReader& scales;
  KubeWriter& writer;
  Reporter& reporter;
  Metrics& metrics;
  Planning& planning;
  std::chrono::milliseconds sync_period{15'000};
  std::chrono::milliseconds fetch_deadline{10'000};
  DecideSettings settings{};
  // Takes in what the watches brought while a source's queries ran, so that the decisions are made
  // on the newest state.
  std::function<void()> absorb;
  // Called before each policy: a long round is not a stuck one.
  std::function<void()> progress;
  RawQueryRights raw_queries{};
  PlanPage* plan_page = nullptr;  // shown there, if it is given
  // What is not decided on so long after its readings came, because writes before it were slow,
  // waits for the next round and its newer readings.
  std::chrono::milliseconds decide_within{30'000};
};

// Decides on `keys` and returns those that must be decided on again soon, because their target
// changed under the decision. `number` counts rounds, for the log. `now` is the instant that all
// queries and decisions are for: on a turn (turns.hpp) the turn's own, however late it is.
[[nodiscard]] std::vector<ObjectKey> RunRound(const RoundContext& context,
                                              const std::vector<ObjectKey>& keys,
                                              std::uint64_t number, TimePoint now,
                                              std::stop_token stop);

}  // namespace evenkeel
