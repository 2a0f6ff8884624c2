// Scores of an episode and of many (control.md § 4). Pure.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "controller/simulate/record.hpp"

namespace evenkeel {

// The warm-up is left out of every score. All are better when lower.
struct Scores {
  double bad_requests = 0;     // fraction of requests that were bad, by the client
  double bad_time = 0;         // fraction of 10 s windows in which more than 1 % were bad
  double replica_hours = 0;    // integral of spec replicas
  double time_to_recover = 0;  // s, median over the spells of bad windows: from the first bad one
                               // to the first of three good ones in a row; 0 without a spell
  double worst_p99 = 0;        // s, of the worst window
  double changes = 0;          // of the replicas
  double reversals = 0;        // changes against the direction of one at most 10 min before
  double peak = 0;             // most replicas
  double overshoot = 0;        // peak / most needed, less 1; at least 0
  double wasted_starts = 0;    // pods that were told to go within 5 min of their creation
  double theta_u = 0;          // SPEC elasticity, %: mean shortfall of ready pods over needed ones,
  double theta_o = 0;          // mean surplus,
  double tau_u = 0;            // share of time in shortfall,
  double tau_o = 0;            // and in surplus
  double instability = 0;      // %, at 60 s steps

  bool operator==(const Scores&) const = default;
};

struct ScoreField {
  std::string_view name;  // "badRequests", as in the JSON
  double Scores::* member;
};
// All, in the order of design.md § 7.
[[nodiscard]] const std::array<ScoreField, 15>& ScoreFields();

[[nodiscard]] Scores ScoreOf(const Record& record);

}  // namespace evenkeel
