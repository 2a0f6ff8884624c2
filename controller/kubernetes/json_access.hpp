// Reads fields of a JSON tree that may be absent or of another type, without exceptions.
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "controller/core/time_format.hpp"
#include "policies/reading.hpp"

namespace evenkeel {

// The value at "metadata.name"; null pointer if any step is missing.
inline const nlohmann::json* FindField(const nlohmann::json& value, std::string_view path) {
  const nlohmann::json* at = &value;
  while (at->is_object()) {
    const auto dot = path.find('.');
    const auto found = at->find(path.substr(0, dot));
    if (found == at->end()) return nullptr;
    at = &*found;
    if (dot == std::string_view::npos) return at;
    path.remove_prefix(dot + 1);
  }
  return nullptr;
}

// Empty if absent or not a string.
inline std::string StringField(const nlohmann::json& value, std::string_view path) {
  const nlohmann::json* field = FindField(value, path);
  return field != nullptr && field->is_string() ? field->get<std::string>() : std::string{};
}

inline bool BoolField(const nlohmann::json& value, std::string_view path) {
  const nlohmann::json* field = FindField(value, path);
  return field != nullptr && field->is_boolean() && field->get<bool>();
}

// Nothing if absent, not an integer, or out of range.
inline std::optional<std::int64_t> IntegerField(const nlohmann::json& value,
                                                std::string_view path) {
  const nlohmann::json* field = FindField(value, path);
  if (field == nullptr || !field->is_number_integer()) return std::nullopt;
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (field->is_number_unsigned() && field->get<std::uint64_t>() > kMax) return std::nullopt;
  return field->get<std::int64_t>();
}

inline std::optional<TimePoint> TimeField(const nlohmann::json& value, std::string_view path) {
  const nlohmann::json* field = FindField(value, path);
  if (field == nullptr || !field->is_string()) return std::nullopt;
  return ParseTime(field->get_ref<const std::string&>());
}

}  // namespace evenkeel
