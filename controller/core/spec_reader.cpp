#include "controller/core/spec_reader.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/core/spec_values.hpp"
#include "controller/core/text.hpp"
#include "policies/suggest.hpp"

namespace evenkeel {
namespace {

constexpr std::size_t kShownBytes = 80;

constexpr std::string_view kRatioMessage =
    "must be a ratio above 0 and at most 100 %, as a percentage such as \"1%\" or a fraction such "
    "as "
    "\"0.01\"";

std::string TooLong(std::size_t max_bytes) {
  return "Too long: may not be more than " + std::to_string(max_bytes) + " bytes";
}

std::string TooMany(std::size_t given, std::size_t max_items) {
  return "Too many: " + std::to_string(given) + ": must have at most " + std::to_string(max_items) +
         " items";
}

// A whole number of any size as a double, also written 2.0; nothing for all else.
std::optional<double> WholeNumber(const nlohmann::json& json) {
  if (!json.is_number()) return std::nullopt;
  const double number = json.get<double>();
  return std::trunc(number) == number ? std::optional(number) : std::nullopt;
}

}  // namespace

SpecObject::SpecObject(const nlohmann::json& json, std::string path,
                       std::vector<FieldError>& faults, Given given)
    : json_(json), path_(std::move(path)), faults_(faults), given_(given) {
  if (!json_.is_object()) FailAt(path_, "must be of type object; got " + Shown(json_));
}

const nlohmann::json* SpecObject::Find(std::string_view name) {
  if (std::find(known_.begin(), known_.end(), name) == known_.end()) known_.emplace_back(name);
  if (!json_.is_object()) return nullptr;
  const auto found = json_.find(name);
  return found == json_.end() || found->is_null() ? nullptr : &*found;
}

bool SpecObject::GivenNull(std::string_view name) {
  return Find(name) == nullptr && json_.is_object() && json_.contains(name);
}

void SpecObject::Require(std::string_view name) {
  if (json_.is_object() && Find(name) == nullptr) Fail(name, "Required value");
}

const std::string* SpecObject::FindText(std::string_view name) {
  const nlohmann::json* json = Find(name);
  if (json == nullptr || json->is_string()) {
    return json == nullptr ? nullptr : &json->get_ref<const std::string&>();
  }
  Fail(name, "must be of type string", *json);
  return nullptr;
}

std::optional<std::string> SpecObject::Text(std::string_view name, const TextRule& rule) {
  const std::string* text = FindText(name);
  if (text == nullptr) return std::nullopt;
  if (text->size() > rule.max_bytes) {
    Fail(name, TooLong(rule.max_bytes));
  } else if (!rule.fits(*text)) {
    Fail(name, rule.message, *text);
  } else {
    return *text;
  }
  return std::nullopt;
}

std::optional<bool> SpecObject::Boolean(std::string_view name) {
  const nlohmann::json* json = Find(name);
  if (json == nullptr) return std::nullopt;
  if (json->is_boolean()) return json->get<bool>();
  Fail(name, "must be of type boolean", *json);
  return std::nullopt;
}

std::optional<int> SpecObject::Integer(std::string_view name, const IntegerRule& rule) {
  const nlohmann::json* json = Find(name);
  if (json == nullptr) return std::nullopt;
  const auto number = WholeNumber(*json);
  if (!number) {
    Fail(name, "must be of type integer", *json);
    return std::nullopt;
  }
  if (*number < rule.min || *number > rule.max) {
    Fail(name, rule.message, *json);
    return std::nullopt;
  }
  return static_cast<int>(*number);
}

std::optional<double> SpecObject::Number(std::string_view name, const NumberRule& rule) {
  const nlohmann::json* json = Find(name);
  if (json == nullptr) return std::nullopt;
  if (!json->is_number()) {
    Fail(name, "must be of type number", *json);
    return std::nullopt;
  }
  const double number = json->get<double>();
  if (number >= rule.min && number <= rule.max) return number;
  Fail(name, rule.message, *json);
  return std::nullopt;
}

std::optional<std::chrono::nanoseconds> SpecObject::Duration(std::string_view name,
                                                             const DurationRule& rule) {
  const std::string* text = FindText(name);
  if (text == nullptr) return std::nullopt;
  const auto duration = ParseSpecDuration(*text);
  if (duration && *duration >= rule.min && *duration <= rule.max) return duration;
  Fail(name, rule.message, *text);
  return std::nullopt;
}

std::optional<double> SpecObject::Ratio(std::string_view name) {
  const std::string* text = FindText(name);
  if (text == nullptr) return std::nullopt;
  const auto ratio = ParseSpecRatio(*text);
  if (!ratio) Fail(name, kRatioMessage, *text);
  return ratio;
}

std::map<std::string, std::string> SpecObject::Texts(std::string_view name, const TextRule& rule,
                                                     std::size_t max_entries) {
  std::map<std::string, std::string> texts;
  const nlohmann::json* json = Find(name);
  if (json == nullptr) return texts;
  if (!json->is_object()) {
    Fail(name, "must be of type object", *json);
    return texts;
  }
  if (json->size() > max_entries) Fail(name, TooMany(json->size(), max_entries));
  for (const auto& [key, value] : json->items()) {
    const std::string at = PathOf(name) + "[" + BoundedText(key, kShownBytes) + "]";
    if (!value.is_string()) {
      FailAt(at, "must be of type string; got " + Shown(value));
      continue;
    }
    const auto& text = value.get_ref<const std::string&>();
    if (text.size() > rule.max_bytes) {
      FailAt(at, TooLong(rule.max_bytes));
    } else if (!rule.fits(text)) {
      FailAt(at, std::string(rule.message));
    } else {
      texts.emplace(key, text);
    }
  }
  return texts;
}

void SpecObject::Object(std::string_view name, const std::function<void(SpecObject&)>& read) {
  const nlohmann::json* json = Find(name);
  if (json == nullptr) return;
  SpecObject object(*json, PathOf(name), faults_, given_);
  if (!json->is_object()) return;
  read(object);
  object.RefuseUnknown();
}

// The list, unless it is absent, something else or too long, which are faults.
const nlohmann::json* SpecObject::FindList(std::string_view name, std::size_t max_items) {
  const nlohmann::json* json = Find(name);
  if (json == nullptr) return nullptr;
  if (!json->is_array()) {
    Fail(name, "must be of type array", *json);
  } else if (json->size() > max_items) {
    Fail(name, TooMany(json->size(), max_items));
  } else {
    return json;
  }
  return nullptr;
}

bool SpecObject::List(std::string_view name, std::size_t max_items,
                      const std::function<void(SpecObject&)>& read) {
  const nlohmann::json* json = FindList(name, max_items);
  const nlohmann::json* given = Find(name);
  if (json == nullptr) return given != nullptr && given->is_array();
  for (std::size_t i = 0; i < json->size(); ++i) {
    SpecObject item((*json)[i], PathOf(name) + "[" + std::to_string(i) + "]", faults_, given_);
    if (!(*json)[i].is_object()) continue;
    read(item);
    item.RefuseUnknown();
  }
  return true;
}

bool SpecObject::Items(std::string_view name, std::size_t max_items,
                       const std::function<void(SpecObject&, std::size_t)>& read) {
  const nlohmann::json* json = FindList(name, max_items);
  if (json == nullptr) return false;
  auto fields = nlohmann::json::object();
  for (std::size_t i = 0; i < json->size(); ++i) fields["[" + std::to_string(i) + "]"] = (*json)[i];
  SpecObject items(fields, PathOf(name), faults_, given_);
  read(items, json->size());
  return true;
}

void SpecObject::Fail(std::string_view name, std::string_view message) {
  FailAt(PathOf(name), std::string(message));
}

void SpecObject::Fail(std::string_view name, std::string_view message,
                      const nlohmann::json& given) {
  FailAt(PathOf(name), std::string(message) + "; got " + Shown(given));
}

void SpecObject::FailAt(std::string path, std::string message) {
  faults_.push_back({std::move(path), std::move(message)});
}

void SpecObject::Refuse(std::string_view name, std::string_view message) {
  if (!json_.is_object() || !json_.contains(name)) return;
  Fail(name, message);
  refused_.emplace_back(name);
}

void SpecObject::RefuseUnknown() {
  if (!json_.is_object()) return;
  const auto has = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const auto& [name, value] : json_.items()) {
    if (has(known_, name) || has(refused_, name)) continue;
    Fail(BoundedText(name, kShownBytes), "unknown field; known are: " + AllowedWords(name, known_));
  }
}

std::string SpecObject::PathOf(std::string_view name) const {
  const bool index = name.starts_with('[');
  return path_ + (path_.empty() || index ? "" : ".") + std::string(name);
}

std::string SpecObject::Shown(const nlohmann::json& json) const {
  if (given_ == Given::kTypeOnly) return "a value of type " + std::string(json.type_name());
  return BoundedText(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                     kShownBytes);
}

std::optional<std::size_t> SpecObject::IndexOf(std::string_view name,
                                               const std::vector<std::string>& allowed) {
  const std::string* text = FindText(name);
  if (text == nullptr) return std::nullopt;
  const auto found = std::find(allowed.begin(), allowed.end(), *text);
  if (found != allowed.end()) return static_cast<std::size_t>(found - allowed.begin());
  Fail(name, "Unsupported value: " + Shown(*text) +
                 ": supported values: " + AllowedWords(*text, allowed));
  return std::nullopt;
}

}  // namespace evenkeel
