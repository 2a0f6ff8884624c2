#include "controller/core/signal_format.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include "policies/reading.hpp"

namespace evenkeel {
namespace {

enum class Unit { kSeconds, kRatio, kPerSecond, kNone };

struct SignalForm {
  std::string_view name;
  std::string_view key;
  Unit unit;
};

constexpr std::array kForms = {
    SignalForm{signal::kLatencyP99, "p99", Unit::kSeconds},
    SignalForm{signal::kErrorRate, "errors", Unit::kRatio},
    SignalForm{signal::kEventLoopLagP99, "lag", Unit::kSeconds},
    SignalForm{signal::kEventLoopUtilization, "elu", Unit::kRatio},
    SignalForm{signal::kRequestRate, "rate", Unit::kPerSecond},
    SignalForm{signal::kBadRatio, "bad", Unit::kRatio},
    SignalForm{signal::kInFlight, "inFlight", Unit::kNone},
};

const SignalForm* FindForm(std::string_view name) {
  const auto* form = std::find_if(kForms.begin(), kForms.end(),
                                  [&](const SignalForm& f) { return f.name == name; });
  return form == kForms.end() ? nullptr : form;
}

// Decimal places that keep `digits` significant digits; negative for large numbers.
int Places(double value, int digits) {
  return digits - 1 - static_cast<int>(std::floor(std::log10(std::abs(value))));
}

double RoundTo(double value, int places) {
  const double scale = std::pow(10.0, std::abs(places));
  return places >= 0 ? std::round(value * scale) / scale : std::round(value / scale) * scale;
}

std::string FormatNumber(double value, int digits) {
  std::array<char, 64> text{};
  char* const end = text.data() + text.size();
  if (value == 0) return "0";
  const double size = std::abs(value);
  if (!std::isfinite(value) || size >= 1e15 || size < 1e-9) {
    const auto done = std::to_chars(text.data(), end, value, std::chars_format::general, digits);
    return {text.data(), done.ptr};
  }
  const double rounded = RoundTo(value, std::max(0, Places(value, digits)));
  const auto done = std::to_chars(text.data(), end, rounded, std::chars_format::fixed);
  return {text.data(), done.ptr};
}

std::string FormatSeconds(double seconds, int digits) {
  if (std::abs(RoundSignificant(seconds, digits)) < 1)
    return FormatNumber(seconds * 1000, digits) + "ms";
  return FormatNumber(seconds, digits) + "s";
}

}  // namespace

std::string_view SignalKey(std::string_view signal) {
  const SignalForm* form = FindForm(signal);
  return form == nullptr ? signal : form->key;
}

bool IsBuiltInSignal(std::string_view signal) { return FindForm(signal) != nullptr; }

std::string FormatSignalValue(std::string_view signal, double value, int digits) {
  const SignalForm* form = FindForm(signal);
  switch (form == nullptr ? Unit::kNone : form->unit) {
    case Unit::kSeconds:
      return FormatSeconds(value, digits);
    case Unit::kRatio:
      return FormatNumber(value * 100, digits) + "%";
    case Unit::kPerSecond:
      return FormatNumber(value, digits) + "/s";
    case Unit::kNone:
      return FormatNumber(value, digits);
  }
  return FormatNumber(value, digits);
}

std::string FormatObjective(std::string_view signal, double value) {
  constexpr int kExact = 9;
  return FormatSignalValue(signal, value, kExact);
}

double RoundSignificant(double value, int digits) {
  if (value == 0 || !std::isfinite(value)) return value;
  const int places = Places(value, digits);
  // Beyond 10^300 a power of ten would overflow, and nothing real is that large or small.
  return std::abs(places) > 300 ? value : RoundTo(value, places);
}

}  // namespace evenkeel
