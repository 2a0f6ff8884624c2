// Times and durations as Kubernetes writes them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "policies/reading.hpp"
#include "policies/result.hpp"

namespace evenkeel {

// "2026-11-23T09:30:00Z" (metav1.Time; whole seconds) and "....000000Z" (metav1.MicroTime).
[[nodiscard]] std::string FormatTime(TimePoint time);
[[nodiscard]] std::string FormatMicroTime(TimePoint time);
// RFC 3339 with any offset and any number of fractional digits; finer than 1 ms is cut off.
[[nodiscard]] std::optional<TimePoint> ParseTime(std::string_view text);

// Go's time.ParseDuration: "250ms", "1h30m", "1.5s"; a unit is required; signs are refused.
// kInvalid says what is wrong without naming the field. At most 292 years; finer than 1 ms is cut
// off.
[[nodiscard]] Result<std::chrono::milliseconds> ParseDuration(std::string_view text);
// The same to the nanosecond, for those who must tell 500us from nothing.
[[nodiscard]] Result<std::chrono::nanoseconds> ParseExactDuration(std::string_view text);
// The shortest of Go's forms: "250ms", "1m30s", "0s".
[[nodiscard]] std::string FormatDuration(std::chrono::milliseconds duration);

}  // namespace evenkeel
