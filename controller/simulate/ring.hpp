// A queue in a ring of a power of two: std::deque without its allocations on the hot path.
#pragma once

#include <cstddef>
#include <vector>

namespace evenkeel {

template <class T>
class Ring {
 public:
  [[nodiscard]] bool Empty() const { return first_ == last_; }
  [[nodiscard]] std::size_t Size() const { return last_ - first_; }
  [[nodiscard]] const T& Front() const { return items_[first_ & mask_]; }

  void Push(const T& item) {
    if (Size() == items_.size()) Grow();
    items_[last_++ & mask_] = item;
  }
  void Pop() { ++first_; }
  // Those in it, oldest first.
  [[nodiscard]] T& At(std::size_t index) { return items_[(first_ + index) & mask_]; }

 private:
  void Grow() {
    std::vector<T> larger(items_.empty() ? 16 : 2 * items_.size());
    const std::size_t size = Size();
    for (std::size_t i = 0; i < size; ++i) larger[i] = items_[(first_ + i) & mask_];
    items_ = std::move(larger);
    mask_ = items_.size() - 1;
    first_ = 0;
    last_ = size;
  }

  std::vector<T> items_;
  std::size_t mask_ = 0;
  std::size_t first_ = 0;
  std::size_t last_ = 0;
};

}  // namespace evenkeel
