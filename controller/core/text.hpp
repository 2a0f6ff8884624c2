// Text from outside (error messages, names), made fit for logs, status and events.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace evenkeel {

// One line of valid UTF-8 of at most `max_bytes` (>= 3): control characters become spaces, bytes
// that are not UTF-8 become "?", and what is cut off is marked by "…".
[[nodiscard]] std::string BoundedText(std::string_view text, std::size_t max_bytes);

// `text` as a logfmt value: as it is when it needs no quoting, else in double quotes with control
// and non-ASCII characters escaped as in JSON, so that nobody can forge a line or a key.
[[nodiscard]] std::string LogfmtValue(std::string_view text);

}  // namespace evenkeel
