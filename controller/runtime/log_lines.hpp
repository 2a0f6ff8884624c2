// The lines of the log as text, apart from where they are written to.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "controller/core/outcome.hpp"
#include "controller/runtime/options.hpp"

namespace evenkeel {

using LogFields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// "message key=value key="a value"": values that would not read back as one word are quoted.
[[nodiscard]] std::string TextLine(std::string_view message, LogFields fields);

// {"ts":…,"level":…,"msg":…,key:value…}
[[nodiscard]] std::string JsonLine(TimePoint time, LogLevel level, std::string_view message,
                                   LogFields fields);

// The same with msg "decision" and the keys of DecisionToJson.
[[nodiscard]] std::string JsonDecisionLine(TimePoint time, LogLevel level, const Outcome& outcome);

}  // namespace evenkeel
