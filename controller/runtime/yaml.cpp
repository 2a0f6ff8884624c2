#include "controller/runtime/yaml.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "policies/result.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxText = std::size_t{4} << 20;
constexpr int kMaxDepth = 100;
constexpr std::size_t kMaxValues = 1'000'000;

// Stays within this file: yaml-cpp reports its own errors by exceptions as well.
class Fault : public std::runtime_error {
 public:
  Fault(const YAML::Mark& mark, const std::string& what) : std::runtime_error(Place(mark) + what) {}

  static std::string Place(const YAML::Mark& mark) {
    if (mark.is_null()) return {};
    return "line " + std::to_string(mark.line + 1) + ", column " + std::to_string(mark.column + 1) +
           ": ";
  }
};

template <std::size_t N>
bool IsOneOf(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

constexpr std::array<std::string_view, 5> kNull{"", "~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 11> kTrue{"y",    "Y",    "yes", "Yes", "YES", "true",
                                                 "True", "TRUE", "on",  "On",  "ON"};
constexpr std::array<std::string_view, 11> kFalse{"n",     "N",     "no",  "No",  "NO", "false",
                                                  "False", "FALSE", "off", "Off", "OFF"};
constexpr std::array<std::string_view, 12> kNotFinite{".nan",  ".NaN",  ".NAN",  ".inf",
                                                      ".Inf",  ".INF",  "+.inf", "+.Inf",
                                                      "+.INF", "-.inf", "-.Inf", "-.INF"};

// Cuts the base's prefix off; as Go's strconv.ParseInt does for base 0.
int TakeBase(std::string_view& digits) {
  if (digits.size() < 2 || digits[0] != '0') return 10;
  const char mark = digits[1];
  const bool named =
      mark == 'x' || mark == 'X' || mark == 'o' || mark == 'O' || mark == 'b' || mark == 'B';
  digits.remove_prefix(named ? 2 : 1);
  if (mark == 'x' || mark == 'X') return 16;
  return mark == 'b' || mark == 'B' ? 2 : 8;
}

std::optional<json> ParseInteger(std::string_view text) {
  const bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);
  const int base = TakeBase(text);
  std::uint64_t magnitude = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, magnitude, base);
  if (error != std::errc{} || at != end) return std::nullopt;
  if (!negative) return json(magnitude);
  constexpr std::uint64_t kLowest = std::uint64_t{1} << 63U;
  if (magnitude > kLowest) return std::nullopt;
  return json(static_cast<std::int64_t>(std::uint64_t{0} - magnitude));
}

std::optional<json> ParseFloat(const std::string& text) {
  static const std::regex pattern(R"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)");
  constexpr std::size_t kLongest = 400;  // more than any double has; std::regex recurses
  if (text.size() > kLongest || !std::regex_match(text, pattern)) return std::nullopt;
  const char* begin = text.data() + (text.front() == '+' ? 1 : 0);
  double value = 0;
  const auto [at, error] = std::from_chars(begin, text.data() + text.size(), value);
  if (error != std::errc{} || !std::isfinite(value)) return std::nullopt;
  return json(value);
}

// go-yaml v2's resolve().
json Resolve(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (IsOneOf(text, kNull)) return nullptr;
  if (IsOneOf(text, kTrue)) return true;
  if (IsOneOf(text, kFalse)) return false;
  if (IsOneOf(text, kNotFinite)) throw Fault(node.Mark(), "'" + text + "' is not a finite number");
  const char first = text.front();
  if ((first < '0' || first > '9') && first != '+' && first != '-' && first != '.') return text;
  std::string digits = text;
  if (first != '.') std::erase(digits, '_');
  if (digits.empty()) return text;
  if (first != '.') {
    if (const auto integer = ParseInteger(digits)) return *integer;
  }
  if (const auto number = ParseFloat(digits)) return *number;
  return text;
}

[[noreturn]] void RefuseTag(const YAML::Node& node) {
  throw Fault(node.Mark(), "'" + node.Scalar() + "' cannot be read as " + node.Tag());
}

// Scalars with an explicit tag must be what it says.
json ResolveAs(const YAML::Node& node, std::string_view type) {
  if (type == "str") return node.Scalar();
  json value = Resolve(node);
  if (type == "float" && value.is_number()) return value.get<double>();
  const bool fits = (type == "int" && value.is_number_integer()) ||
                    (type == "bool" && value.is_boolean()) || (type == "null" && value.is_null());
  if (!fits) RefuseTag(node);
  return value;
}

class Converter {
 public:
  [[nodiscard]] json Convert(const YAML::Node& node, int depth = 0);

 private:
  [[nodiscard]] static json Scalar(const YAML::Node& node);
  [[nodiscard]] json Sequence(const YAML::Node& node, int depth);
  [[nodiscard]] json Map(const YAML::Node& node, int depth);
  void Merge(const YAML::Node& source, json& target, int depth);

  std::size_t values_ = 0;
};

json Converter::Convert(const YAML::Node& node, int depth) {
  if (++values_ > kMaxValues) throw Fault(node.Mark(), "more than 1000000 values");
  if (depth > kMaxDepth) throw Fault(node.Mark(), "nested deeper than 100");
  switch (node.Type()) {
    case YAML::NodeType::Undefined:
    case YAML::NodeType::Null:
      return nullptr;
    case YAML::NodeType::Scalar:
      return Scalar(node);
    case YAML::NodeType::Sequence:
      return Sequence(node, depth);
    case YAML::NodeType::Map:
      return Map(node, depth);
  }
  return nullptr;
}

// yaml-cpp's tag is "?" for a plain scalar and "!" for a quoted one.
json Converter::Scalar(const YAML::Node& node) {
  constexpr std::string_view kCore = "tag:yaml.org,2002:";
  const std::string_view tag = node.Tag();
  if (tag == "!") return node.Scalar();
  if (tag == "?" || tag.empty()) return Resolve(node);
  if (tag.substr(0, kCore.size()) != kCore) RefuseTag(node);
  return ResolveAs(node, tag.substr(kCore.size()));
}

json Converter::Sequence(const YAML::Node& node, int depth) {
  json list = json::array();
  for (const YAML::Node& item : node) list.push_back(Convert(item, depth + 1));
  return list;
}

std::string KeyText(const YAML::Node& node, const json& key) {
  if (key.is_string()) return key.get<std::string>();
  if (key.is_boolean() || key.is_number()) return key.dump();
  throw Fault(node.Mark(), "a key must be a string, a number or a boolean");
}

json Converter::Map(const YAML::Node& node, int depth) {
  json object = json::object();
  std::vector<YAML::Node> merged;
  for (const auto& entry : node) {
    const YAML::Node& key = entry.first;
    const YAML::Node& value = entry.second;
    if (key.IsScalar() && key.Tag() == "?" && key.Scalar() == "<<") {
      merged.push_back(value);
      continue;
    }
    const std::string name = KeyText(key, Convert(key, depth + 1));
    if (object.contains(name)) throw Fault(key.Mark(), "duplicate key '" + name + "'");
    object[name] = Convert(value, depth + 1);
  }
  for (const YAML::Node& source : merged) Merge(source, object, depth + 1);
  return object;
}

// What is there wins over what is merged, earlier sources over later ones.
void Converter::Merge(const YAML::Node& source, json& target, int depth) {
  if (source.IsSequence() && depth <= kMaxDepth) {
    for (const YAML::Node& item : source) Merge(item, target, depth + 1);
    return;
  }
  if (!source.IsMap()) throw Fault(source.Mark(), "<< wants a mapping or a list of mappings");
  json values = Convert(source, depth);
  for (auto& [key, value] : values.items()) {
    if (!target.contains(key)) target[key] = std::move(value);
  }
}

bool IsUtf8(std::string_view text) {
  try {
    return !json(text).dump().empty();
  } catch (const json::type_error&) {
    return false;
  }
}

std::vector<json> ConvertAll(const std::string& text) {
  std::vector<json> documents;
  for (const YAML::Node& node : YAML::LoadAll(text)) {
    json document = Converter().Convert(node);
    if (!document.is_null()) documents.push_back(std::move(document));
  }
  return documents;
}

}  // namespace

Result<std::vector<json>> YamlToJson(std::string_view text) {
  if (text.size() > kMaxText) return Invalid("the YAML text is larger than 4 MiB");
  if (!IsUtf8(text)) return Invalid("the text is not UTF-8");
  try {
    return ConvertAll(std::string(text));
  } catch (const YAML::Exception& error) {
    return Invalid(Fault::Place(error.mark) + error.msg);
  } catch (const std::exception& error) {
    return Invalid(error.what());
  }
}

namespace {

void Emit(YAML::Emitter& yaml, const nlohmann::ordered_json& value) {
  if (value.is_object()) {
    yaml << YAML::BeginMap;
    for (const auto& [name, member] : value.items()) {
      yaml << YAML::Key << name << YAML::Value;
      Emit(yaml, member);
    }
    yaml << YAML::EndMap;
  } else if (value.is_array()) {
    yaml << YAML::BeginSeq;
    for (const auto& item : value) Emit(yaml, item);
    yaml << YAML::EndSeq;
  } else if (value.is_string()) {
    yaml << value.get<std::string>();
  } else {
    yaml << value.dump();
  }
}

}  // namespace

std::string ToYaml(const nlohmann::ordered_json& value) {
  YAML::Emitter yaml;
  Emit(yaml, value);
  return std::string(yaml.c_str()) + "\n";
}

}  // namespace evenkeel
