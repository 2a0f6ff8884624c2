// `evenkeel run`: builds what does IO, starts the controller, and ends it on SIGTERM or SIGINT.
#pragma once

#include "controller/runtime/options.hpp"

namespace evenkeel {

// Exit status: 0 after a graceful stop, 1 if it could not start, 2 if the configuration is wrong.
// Call it before any thread exists:
// it blocks the signals that it waits for. A second signal ends the process at once.
[[nodiscard]] int RunController(const RunOptions& options);

}  // namespace evenkeel
