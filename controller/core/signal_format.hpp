// A signal's name and value in short form: as in the decision line and in the status.
#pragma once

#include <string>
#include <string_view>

namespace evenkeel {

// "p99", "errors", "lag", "elu", "rate", "bad", "inFlight"; a policy's own signals keep their name.
[[nodiscard]] std::string_view SignalKey(std::string_view signal);

// Whether a preset may give this signal, or only a policy's own query.
[[nodiscard]] bool IsBuiltInSignal(std::string_view signal);

// "412ms", "1.53s", "0.2%", "812/s", "17": a signal's value in its unit with `digits` significant
// digits (whole numbers keep all of theirs). Seconds below 1 s are shown in milliseconds.
[[nodiscard]] std::string FormatSignalValue(std::string_view signal, double value, int digits = 3);

// The same for an objective, which is exact where a reading is not: "1.234s".
[[nodiscard]] std::string FormatObjective(std::string_view signal, double value);

// 1234 → 1200 with 2 digits. Zero and what is not finite stay as they are.
[[nodiscard]] double RoundSignificant(double value, int digits);

}  // namespace evenkeel
