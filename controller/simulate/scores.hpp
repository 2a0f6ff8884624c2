// Scores of an episode and of many (control.md § 4). Pure.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "controller/simulate/record.hpp"

namespace evenkeel {

// What begins in the warm-up is left out of every score. All are better when lower. Of an episode
// that ended early: of what there is; without anything, 0.
struct Scores {
  double bad_requests = 0;     // fraction of requests that were bad, by the client
  double bad_time = 0;         // fraction of 10 s windows in which more than 1 % were bad
  double replica_hours = 0;    // integral of spec replicas
  double time_to_recover = 0;  // s, median over the spells of bad windows: from the first bad one
                               // to the first of three good ones in a row, or to the end; 0
                               // without a spell
  double worst_p99 = 0;        // s, of the worst window with requests
  double changes = 0;          // of the replicas
  double reversals = 0;        // changes against the direction of any at most 10 min before
  double peak = 0;             // most spec replicas
  double overshoot = 0;        // peak / most needed, less 1; at least 0
  double wasted_starts = 0;    // pods of a scale-out, told to go before they were 5 min old
  // SPEC elasticity, all in %:
  double theta_u = 0;      // mean shortfall of ready pods, relative to the needed ones
  double theta_o = 0;      // mean surplus, likewise
  double tau_u = 0;        // share of time in shortfall
  double tau_o = 0;        // share of time in surplus
  double instability = 0;  // share of 60 s steps in which ready and needed replicas moved in
                           // different directions, standing still being one

  bool operator==(const Scores&) const = default;
};

inline constexpr std::size_t kScoreCount = 15;

struct ScoreField {
  std::string_view name;  // "badRequests", as in the JSON
  double Scores::* member;
};
// All, in the order of design.md § 7.
[[nodiscard]] const std::array<ScoreField, kScoreCount>& ScoreFields();

[[nodiscard]] Scores ScoreOf(const Record& record);

}  // namespace evenkeel
