// `evenkeel simulate`: tries policies and other autoscalers on simulated services, and compares
// them.
//
// The results go to `out` as a table or, with --json, as JSON (simulate/study_format.hpp), and to
// the files of --report (simulate/study_html.hpp if it is a page); --timeline has each episode over
// time (simulate/record_format.hpp), by seed, scenario and policy; progress goes to `err`, several
// times a second if that is a terminal. Ctrl-C ends it soon, with what is done; a second one at
// once.
#pragma once

#include <iosfwd>

#include "controller/runtime/options.hpp"

namespace evenkeel {

// Exit status: 0; 1 if a report or the timeline cannot be written; 2 for bad input; 130 if it was
// interrupted.
[[nodiscard]] int RunSimulate(const SimulateOptions& options, std::ostream& out, std::ostream& err);

}  // namespace evenkeel
