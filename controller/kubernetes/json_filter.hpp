// Parses JSON and keeps only the wanted part, without ever building the rest.
#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "policies/result.hpp"

namespace evenkeel {

// What is wanted and nested deeper is replaced by a text that says so: one object of many must not
// make a whole list unreadable, and what walks the tree later recurses.
inline constexpr std::size_t kMaxJsonDepth = 100;

// Which fields to keep, as a tree. An array has the shape of its elements; a scalar is kept where
// the tree has any node at all.
class Shape {
 public:
  // Keeps nothing.
  Shape() = default;

  // Only these: "metadata.name" keeps that one field, "status.conditions" a whole subtree.
  static Shape Only(const std::vector<std::string_view>& paths);
  // Everything but these.
  static Shape AllBut(const std::vector<std::string_view>& paths);

  // The same, with the value of one more field, itself of a shape: With("items", pod).
  [[nodiscard]] Shape With(std::string_view field, const Shape& shape) &&;

  // Shape of a field's value; null if the field is dropped.
  [[nodiscard]] const Shape* Field(std::string_view name) const;

 private:
  Shape& At(std::string_view path, bool others);
  [[nodiscard]] bool KeepsNothing() const { return !others_ && fields_.empty(); }

  bool others_ = false;  // are fields kept that have no node of their own?
  std::map<std::string, Shape, std::less<>> fields_;
};

// kMalformed if `text` is no JSON.
[[nodiscard]] Result<nlohmann::json> ParseFiltered(std::string_view text, const Shape& shape);

}  // namespace evenkeel
