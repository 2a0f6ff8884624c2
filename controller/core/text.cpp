#include "controller/core/text.hpp"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace evenkeel {
namespace {

constexpr std::string_view kEllipsis = "…";

// The bytes that a lead byte announces; 0 for what cannot lead.
std::size_t SequenceLength(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// Overlong forms, surrogates and what lies above U+10FFFF show in the second byte.
bool SecondByteFits(unsigned char lead, unsigned char second) {
  if (lead == 0xE0) return second >= 0xA0;
  if (lead == 0xED) return second <= 0x9F;
  if (lead == 0xF0) return second >= 0x90;
  return lead != 0xF4 || second <= 0x8F;
}

// The first character of `rest`, or nothing where it is not UTF-8.
std::string_view FirstCharacter(std::string_view rest) {
  const auto lead = static_cast<unsigned char>(rest.front());
  const std::size_t length = SequenceLength(lead);
  if (length == 0 || rest.size() < length) return {};
  const std::string_view character = rest.substr(0, length);
  if (!std::all_of(character.begin() + 1, character.end(), IsContinuation)) return {};
  if (length > 1 && !SecondByteFits(lead, static_cast<unsigned char>(rest[1]))) return {};
  return character;
}

bool IsControl(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character.front());
  if (character.size() == 1) return lead < 0x20 || lead == 0x7F;
  const bool c1 = lead == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
  return c1 || character == "\u2028" || character == "\u2029";
}

std::string Sanitized(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const std::string_view character = FirstCharacter(text);
    if (character.empty()) {
      clean += '?';
    } else if (IsControl(character)) {
      clean += ' ';
    } else {
      clean += character;
    }
    text.remove_prefix(std::max<std::size_t>(1, character.size()));
  }
  return clean;
}

bool NeedsQuotes(char c) { return c <= ' ' || c > '~' || c == '"' || c == '=' || c == '\\'; }

}  // namespace

std::string BoundedText(std::string_view text, std::size_t max_bytes) {
  // Whatever lies far beyond the bound is not worth cleaning.
  std::string clean = Sanitized(text.substr(0, max_bytes + 4));
  if (clean.size() <= max_bytes && text.size() <= max_bytes + 4) return clean;
  std::size_t end = std::min(clean.size(), max_bytes - kEllipsis.size());
  while (end > 0 && end < clean.size() && IsContinuation(clean[end])) --end;
  return clean.substr(0, end) + std::string(kEllipsis);
}

std::string LogfmtValue(std::string_view text) {
  if (!text.empty() && std::none_of(text.begin(), text.end(), NeedsQuotes))
    return std::string(text);
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace evenkeel
