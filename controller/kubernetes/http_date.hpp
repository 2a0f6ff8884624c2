// HTTP-date, as in Date and Retry-After.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace evenkeel {

// "Sun, 06 Nov 1994 08:49:37 GMT" (IMF-fixdate, RFC 9110 § 5.6.7; the obsolete forms are not read).
[[nodiscard]] std::optional<std::chrono::sys_seconds> ParseHttpDate(std::string_view text);

}  // namespace evenkeel
