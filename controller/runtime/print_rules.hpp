// `evenkeel rules`: the recording rules (rules.hpp) as a rule file for Prometheus.
#pragma once

#include <iosfwd>

#include "controller/runtime/options.hpp"

namespace evenkeel {

// Exit status: 0, or 2 with a word on `err` if a preset is unknown, cannot be recorded, or the
// configuration cannot be read.
[[nodiscard]] int PrintRules(const RulesOptions& options, std::ostream& out, std::ostream& err);

}  // namespace evenkeel
