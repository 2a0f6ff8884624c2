#include "controller/kubernetes/json_filter.hpp"

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policies/result.hpp"

namespace evenkeel {
namespace {

constexpr std::string_view kTooDeep = "(nested deeper than 100 levels)";
static_assert(kMaxJsonDepth == 100);

using nlohmann::json;

// A SAX consumer that builds the wanted part. While `skipped_` > 0 it is inside a dropped
// container.
class FilteringBuilder : public json::json_sax_t {
 public:
  explicit FilteringBuilder(const Shape& shape) : wanted_(&shape) {}

  bool null() override { return Scalar(nullptr); }
  bool boolean(bool value) override { return Scalar(value); }
  bool number_integer(std::int64_t value) override { return Scalar(value); }
  bool number_unsigned(std::uint64_t value) override { return Scalar(value); }
  bool number_float(double value, const std::string& /*text*/) override { return Scalar(value); }
  bool string(std::string& value) override { return Scalar(std::move(value)); }
  bool binary(json::binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override { return Open(json::object()); }
  bool start_array(std::size_t /*size*/) override { return Open(json::array()); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }

  bool key(std::string& name) override {
    if (skipped_ > 0) return true;
    wanted_ = open_.back().shape->Field(name);
    name_ = std::move(name);
    return true;
  }

  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const json::exception& /*error*/) override {
    fault_ = "not valid JSON at byte " + std::to_string(position);
    return false;
  }

  [[nodiscard]] const std::string& fault() const { return fault_; }
  json TakeRoot() { return std::move(root_); }

 private:
  struct Level {
    json* value;
    const Shape* shape;
  };

  bool Scalar(json value) {
    if (skipped_ == 0 && wanted_ != nullptr) Place(std::move(value));
    return true;
  }

  bool Open(json container) {
    const bool wanted = skipped_ == 0 && wanted_ != nullptr;
    const bool too_deep = open_.size() >= kMaxJsonDepth;
    if (wanted && too_deep) Place(kTooDeep);
    if (!wanted || too_deep) {
      ++skipped_;
      return true;
    }
    const Shape* shape = wanted_;
    open_.push_back({Place(std::move(container)), shape});
    return true;
  }

  bool Close() {
    if (skipped_ > 0) {
      --skipped_;
    } else {
      open_.pop_back();
    }
    // Next in an array comes another element of its shape; in an object, key() says.
    if (!open_.empty() && skipped_ == 0) wanted_ = open_.back().shape;
    return true;
  }

  // Pointers into the tree stay valid: while a child is open, its parent does not grow.
  json* Place(json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    json& parent = *open_.back().value;
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    return &(parent[name_] = std::move(value));
  }

  const Shape* wanted_;  // shape of the next value; null: drop it
  std::string name_;
  std::vector<Level> open_;
  std::size_t skipped_ = 0;
  json root_;
  std::string fault_;
};

}  // namespace

Shape& Shape::At(std::string_view path, bool others) {
  Shape* shape = this;
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    const auto [node, added] = shape->fields_.try_emplace(std::string(path.substr(0, dot)));
    if (added) node->second.others_ = others;
    shape = &node->second;
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
  }
  return *shape;
}

Shape Shape::Only(const std::vector<std::string_view>& paths) {
  Shape shape;
  for (const std::string_view path : paths) shape.At(path, false).others_ = true;
  return shape;
}

Shape Shape::AllBut(const std::vector<std::string_view>& paths) {
  Shape shape;
  shape.others_ = true;
  for (const std::string_view path : paths) shape.At(path, true).others_ = false;
  return shape;
}

Shape Shape::With(std::string_view field, const Shape& shape) && {
  fields_.insert_or_assign(std::string(field), shape);
  return std::move(*this);
}

const Shape* Shape::Field(std::string_view name) const {
  static const Shape whole = AllBut({});
  const auto found = fields_.find(name);
  if (found == fields_.end()) return others_ ? &whole : nullptr;
  return found->second.KeepsNothing() ? nullptr : &found->second;
}

Result<json> ParseFiltered(std::string_view text, const Shape& shape) {
  FilteringBuilder builder(shape);
  if (json::sax_parse(text, &builder)) return builder.TakeRoot();
  return Error{ErrorKind::kMalformed, builder.fault(), {}};
}

}  // namespace evenkeel
