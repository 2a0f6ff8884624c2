// A study as one HTML page for people: all scores at a glance, and per scenario what happened over
// time, the scores, and the trade between bad requests and replica hours; with a word about each
// policy and score. It needs nothing but itself (no network), can be printed, and is well-formed
// XML as well.
//
// Curves are of the first seed, scores of all. What was not simulated is said, and not drawn.
#pragma once

#include <string>

#include "controller/simulate/study.hpp"

namespace evenkeel {

[[nodiscard]] std::string StudyToHtml(const Study& study);

}  // namespace evenkeel
