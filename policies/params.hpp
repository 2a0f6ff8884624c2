// Declarative reading of a module's params: each parameter is asked for once, with its default and
// range; whatever was not asked for is refused at Finish. The first error wins, and names the
// parameter, what was given and what is allowed: `params.target: must be ...; got ...`. A null
// counts as absent. Numbers are JSON numbers: "100" in quotes is refused, and so is NaN.
//
//   Params params(json);
//   double target = params.Number("target", {.min = 0, .min_exclusive = true});
//   std::string type = params.OneOf("type", {"Value", "AverageValue"}, "Value");
//   if (auto done = params.Finish(); !done) return done.error();
#pragma once

#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "policies/result.hpp"

namespace evenkeel {

struct Range {
  double min = std::numeric_limits<double>::lowest();
  double max = std::numeric_limits<double>::max();
  bool min_exclusive = false;
};

class Params {
 public:
  // `json` must outlive this object; null counts as an empty object.
  explicit Params(const nlohmann::json& json);

  // Without a fallback the parameter is required.
  [[nodiscard]] double Number(std::string_view name, Range range,
                              std::optional<double> fallback = std::nullopt);
  // A percentage as its number of percent: 70 or "70%". Required; above 0 and at most `max`.
  [[nodiscard]] double Percent(std::string_view name, double max);
  [[nodiscard]] std::string String(std::string_view name,
                                   std::optional<std::string> fallback = std::nullopt);
  [[nodiscard]] std::string OneOf(std::string_view name,
                                  std::initializer_list<std::string_view> allowed,
                                  std::optional<std::string> fallback = std::nullopt);

  // For what a type cannot say: `params.NAME: MESSAGE`, unless there is a fault already.
  void Fail(std::string_view name, const std::string& message);

  // kInvalid with the first fault found, unknown parameters included.
  [[nodiscard]] Status Finish() const;

 private:
  const nlohmann::json* Take(std::string_view name, bool required);

  const nlohmann::json& json_;
  std::set<std::string, std::less<>> known_;
  std::optional<Error> error_;
};

}  // namespace evenkeel
