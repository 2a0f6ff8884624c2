// SpecObject: declarative reading of one JSON object of a spec. Every field is asked for once, with
// its rule; whatever is wrong is added to the list of faults with its full path, in the order of
// asking, and reads as absent; whatever was not asked for is refused by RefuseUnknown.
//
// A null counts as absent, as on the API server. The words of built-in faults are the API server's:
// "Required value", "must be of type string", "Unsupported value: ...", "Too long: ...".
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/core/scaling_policy.hpp"

namespace evenkeel {

struct TextRule {
  bool (*fits)(const std::string&);
  std::size_t max_bytes;
  std::string_view message;
};

struct IntegerRule {
  int min;
  int max;
  std::string_view message;
};

// For plain JSON numbers, where the spec is not an API object's.
struct NumberRule {
  double min;
  double max;
  std::string_view message;
};

struct DurationRule {
  std::chrono::nanoseconds min;
  std::chrono::nanoseconds max;
  std::string_view message;
};

// What a fault may say of a value: itself, or only its type, where it might be a secret.
enum class Given { kShown, kTypeOnly };

template <class Enum>
using Words = std::vector<std::pair<std::string, Enum>>;

class SpecObject {
 public:
  // All must outlive this object; what is not an object is a fault and reads as empty.
  // Objects in it show of their values what this one shows.
  SpecObject(const nlohmann::json& json, std::string path, std::vector<FieldError>& faults,
             Given given = Given::kShown);

  // The field's value, or nullptr.
  const nlohmann::json* Find(std::string_view name);
  // Is the field given as null, where that says something else than leaving it out?
  bool GivenNull(std::string_view name);
  // Adds "Required value" when the field is absent.
  void Require(std::string_view name);

  // Absent and faulty fields read as nothing.
  std::optional<std::string> Text(std::string_view name, const TextRule& rule);
  std::optional<bool> Boolean(std::string_view name);
  std::optional<int> Integer(std::string_view name, const IntegerRule& rule);
  std::optional<double> Number(std::string_view name, const NumberRule& rule);
  std::optional<std::chrono::nanoseconds> Duration(std::string_view name, const DurationRule& rule);
  std::optional<double> Ratio(std::string_view name);
  std::map<std::string, std::string> Texts(std::string_view name, const TextRule& rule,
                                           std::size_t max_entries);

  template <class Enum>
  std::optional<Enum> OneOf(std::string_view name, const Words<Enum>& words) {
    std::vector<std::string> allowed;
    for (const auto& word : words) allowed.push_back(word.first);
    const auto index = IndexOf(name, allowed);
    return index ? std::optional(words[*index].second) : std::nullopt;
  }

  // Calls `read` with the nested object, where there is one, and refuses what it did not ask for.
  void Object(std::string_view name, const std::function<void(SpecObject&)>& read);
  // The same for every object of a list; true if the field is given and is a list.
  bool List(std::string_view name, std::size_t max_items,
            const std::function<void(SpecObject&)>& read);

  // For lists of plain values, and tuples: calls `read` with the list as an object whose fields are
  // "[0]", "[1]", ..., and with how many they are; true if it was called.
  bool Items(std::string_view name, std::size_t max_items,
             const std::function<void(SpecObject&, std::size_t)>& read);

  // A fault of a field, with what was given where that helps.
  void Fail(std::string_view name, std::string_view message);
  void Fail(std::string_view name, std::string_view message, const nlohmann::json& given);
  // A fault at a path of its own.
  void FailAt(std::string path, std::string message);

  // A fault if the field is given: one that is often tried, and for which there is another way.
  void Refuse(std::string_view name, std::string_view message);
  void RefuseUnknown();

 private:
  [[nodiscard]] std::string PathOf(std::string_view name) const;
  const nlohmann::json* FindList(std::string_view name, std::size_t max_items);
  [[nodiscard]] std::string Shown(const nlohmann::json& json) const;
  std::optional<std::size_t> IndexOf(std::string_view name,
                                     const std::vector<std::string>& allowed);
  const std::string* FindText(std::string_view name);

  const nlohmann::json& json_;
  std::string path_;
  std::vector<FieldError>& faults_;
  Given given_;
  std::vector<std::string> known_;
  std::vector<std::string> refused_;
};

}  // namespace evenkeel
