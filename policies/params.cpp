#include "policies/params.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "policies/suggest.hpp"

namespace evenkeel {
namespace {

constexpr std::string_view kPath = "params";

std::string FormatNumber(double number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  return {text.data(), end};
}

std::string DescribeRange(const Range& range) {
  const bool bounded_below = range.min > std::numeric_limits<double>::lowest();
  std::string text;
  if (bounded_below)
    text = (range.min_exclusive ? " above " : " of at least ") + FormatNumber(range.min);
  if (range.max < std::numeric_limits<double>::max()) {
    text += (bounded_below ? " and at most " : " of at most ") + FormatNumber(range.max);
  }
  return text;
}

bool Contains(const Range& range, double number) {
  if (!std::isfinite(number) || number > range.max) return false;
  return range.min_exclusive ? number > range.min : number >= range.min;
}

std::string Shown(const nlohmann::json& json) {
  constexpr std::size_t kShownBytes = 64;
  std::string text = json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  if (text.size() > kShownBytes) text = text.substr(0, kShownBytes) + "...";
  return text;
}

}  // namespace

Params::Params(const nlohmann::json& json) : json_(json) {
  if (!json_.is_object() && !json_.is_null()) {
    error_ = Invalid(std::string(kPath) + ": must be an object; got " + Shown(json_));
  }
}

double Params::Number(std::string_view name, Range range, std::optional<double> fallback) {
  const nlohmann::json* json = Take(name, !fallback);
  if (json == nullptr) return fallback.value_or(0);
  if (json->is_string()) {
    Fail(name, "must be a number" + DescribeRange(range) + ", without quotes; got " + Shown(*json));
    return 0;
  }
  const double number = json->is_number() ? json->get<double>() : std::nan("");
  if (!Contains(range, number)) {
    Fail(name, "must be a number" + DescribeRange(range) + "; got " + Shown(*json));
    return 0;
  }
  return number;
}

double Params::Percent(std::string_view name, double max) {
  const nlohmann::json* json = Take(name, true);
  if (json == nullptr) return 0;
  double percent = json->is_number() ? json->get<double>() : std::nan("");
  if (json->is_string()) {
    const auto& text = json->get_ref<const std::string&>();
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, percent);
    if (parsed.ec != std::errc{} || std::string_view(parsed.ptr, end) != "%") percent = -1;
  }
  if (Contains({.min = 0, .max = max, .min_exclusive = true}, percent)) return percent;
  Fail(name, "must be a percentage above 0% and at most " + FormatNumber(max) +
                 "%, such as \"70%\" or 70; got " + Shown(*json));
  return 0;
}

std::string Params::String(std::string_view name, std::optional<std::string> fallback) {
  const nlohmann::json* json = Take(name, !fallback);
  if (json == nullptr) return fallback.value_or("");
  if (!json->is_string() || json->get_ref<const std::string&>().empty()) {
    Fail(name, "must be a non-empty string; got " + Shown(*json));
    return "";
  }
  return json->get<std::string>();
}

std::string Params::OneOf(std::string_view name, std::initializer_list<std::string_view> allowed,
                          std::optional<std::string> fallback) {
  const nlohmann::json* json = Take(name, !fallback);
  if (json == nullptr) return fallback.value_or("");
  const std::string given = json->is_string() ? json->get<std::string>() : "";
  if (std::find(allowed.begin(), allowed.end(), given) != allowed.end()) return given;
  const std::vector<std::string> words(allowed.begin(), allowed.end());
  Fail(name,
       "unsupported value " + Shown(*json) + "; supported values: " + AllowedWords(given, words));
  return "";
}

Status Params::Finish() const {
  if (error_) return *error_;
  if (!json_.is_object()) return Ok();
  for (const auto& [name, value] : json_.items()) {
    if (known_.contains(name)) continue;
    const std::vector<std::string> words(known_.begin(), known_.end());
    const std::string allowed =
        words.empty() ? "this module has none" : "known are: " + AllowedWords(name, words);
    return Error{ErrorKind::kInvalid,
                 std::string(kPath) + "." + name + ": unknown parameter; " + allowed};
  }
  return Ok();
}

const nlohmann::json* Params::Take(std::string_view name, bool required) {
  known_.emplace(name);
  if (json_.is_object()) {
    const auto found = json_.find(name);
    if (found != json_.end() && !found->is_null()) return &*found;
  }
  if (required) Fail(name, "is required");
  return nullptr;
}

void Params::Fail(std::string_view name, const std::string& message) {
  if (error_) return;
  error_ = Invalid(std::string(kPath) + "." + std::string(name) + ": " + message);
}

}  // namespace evenkeel
