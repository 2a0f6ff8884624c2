#include "controller/core/spec_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <regex>
#include <string>
#include <string_view>
#include <system_error>

#include "controller/core/time_format.hpp"

namespace evenkeel {
namespace {

constexpr std::size_t kLongestDuration = 16;
constexpr std::size_t kLongestQuantity = 32;

// Locale-free; takes as much of the front as is a number, and reports the rest.
std::optional<double> ParseNumber(std::string_view text, std::string_view* rest = nullptr) {
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || !std::isfinite(number)) return std::nullopt;
  if (rest != nullptr) *rest = text.substr(static_cast<std::size_t>(parsed.ptr - text.data()));
  return number;
}

struct Suffix {
  std::string_view name;
  double factor;
};

constexpr std::array kSuffixes = {
    Suffix{"", 1},        Suffix{"n", 1e-9},    Suffix{"u", 1e-6},    Suffix{"m", 1e-3},
    Suffix{"k", 1e3},     Suffix{"M", 1e6},     Suffix{"G", 1e9},     Suffix{"T", 1e12},
    Suffix{"P", 1e15},    Suffix{"E", 1e18},    Suffix{"Ki", 0x1p10}, Suffix{"Mi", 0x1p20},
    Suffix{"Gi", 0x1p30}, Suffix{"Ti", 0x1p40}, Suffix{"Pi", 0x1p50}, Suffix{"Ei", 0x1p60},
};

}  // namespace

bool IsApiVersion(const std::string& text) {
  static const std::regex kPattern(
      "([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?v[0-9]+((alpha|beta)[0-9]+)?");
  return std::regex_match(text, kPattern);
}

bool IsKind(const std::string& text) {
  static const std::regex kPattern("[A-Z][A-Za-z0-9]*");
  return std::regex_match(text, kPattern);
}

bool IsObjectName(const std::string& text) {
  static const std::regex kPattern("[a-z0-9]([-a-z0-9.]*[a-z0-9])?");
  return std::regex_match(text, kPattern);
}

bool IsSimpleName(const std::string& text) {
  static const std::regex kPattern("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
  return std::regex_match(text, kPattern);
}

bool IsLabelName(const std::string& text) {
  static const std::regex kPattern("(?!__)[a-zA-Z_][a-zA-Z0-9_]*");
  return text.size() <= 512 && std::regex_match(text, kPattern);
}

bool IsSignalName(const std::string& text) {
  static const std::regex kPattern("[a-zA-Z][a-zA-Z0-9_]{0,62}");
  return text.size() <= 63 && std::regex_match(text, kPattern);
}

bool IsModuleName(const std::string& text) {
  static const std::regex kPattern("[a-zA-Z][-a-zA-Z0-9_]*");
  return std::regex_match(text, kPattern);
}

bool IsNotBlank(const std::string& text) {
  return text.find_first_not_of("\t\n\f\r ") != std::string::npos;
}

std::optional<std::chrono::nanoseconds> ParseSpecDuration(const std::string& text) {
  static const std::regex kPattern("([0-9]{1,6}(\\.[0-9]{1,3})?(ms|s|m|h))+");
  if (text.size() > kLongestDuration || !std::regex_match(text, kPattern)) return std::nullopt;
  const Result<std::chrono::nanoseconds> duration = ParseExactDuration(text);
  return duration ? std::optional(*duration) : std::nullopt;
}

std::optional<double> ParseSpecRatio(const std::string& text) {
  static const std::regex kPattern("[0-9]{1,3}(\\.[0-9]{1,6})?%|[01]\\.[0-9]{1,8}");
  if (text.size() > kLongestDuration || !std::regex_match(text, kPattern)) return std::nullopt;
  const auto number = ParseNumber(text);
  const double whole = text.back() == '%' ? 100 : 1;
  if (!number || *number <= 0 || *number > whole) return std::nullopt;
  return *number / whole;
}

std::optional<double> ParseQuantity(const std::string& text) {
  static const std::regex kPattern(
      "\\+?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,2})?");
  if (text.size() > kLongestQuantity || !std::regex_match(text, kPattern)) return std::nullopt;
  std::string_view rest;
  const auto number =
      ParseNumber(std::string_view(text).substr(text.front() == '+' ? 1 : 0), &rest);
  const auto* suffix = std::find_if(kSuffixes.begin(), kSuffixes.end(),
                                    [&](const Suffix& s) { return s.name == rest; });
  if (!number || suffix == kSuffixes.end()) return std::nullopt;
  return *number * suffix->factor;
}

}  // namespace evenkeel
