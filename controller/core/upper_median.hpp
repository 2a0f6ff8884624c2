// The middle of some values in ascending order; of an even number, the upper one of the two middle
// ones, so that it is a value that occurred.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

namespace evenkeel {

template <class T>
[[nodiscard]] std::optional<T> UpperMedian(std::vector<T> values) {
  if (values.empty()) return std::nullopt;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace evenkeel
