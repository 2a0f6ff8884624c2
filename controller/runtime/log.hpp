// The log: one line per decision and per noteworthy event, on stdout, as text or JSON.
//
// Text: `time level message key=value ...`; JSON: one object a line with ts, level, msg and the
// keys. Safe from any thread. Values are escaped: a log line is one line whatever they hold.
#pragma once

#include <string_view>

#include "controller/core/outcome.hpp"
#include "controller/runtime/log_lines.hpp"
#include "controller/runtime/options.hpp"

namespace evenkeel {

// Call once, before anything is logged.
void InitializeLog(LogFormat format, LogLevel level);

void Log(LogLevel level, std::string_view message, LogFields fields = {});

// At info where something changed or is wrong, else at debug: 10,000 services at rest are silent.
void LogDecision(const Outcome& outcome, bool noteworthy);

// Writes out what is buffered; at the end of the process.
void FlushLog();

}  // namespace evenkeel
