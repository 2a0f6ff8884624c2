// The largest of the values of a while, at a constant price for each: those that a later one is not
// below can never be it again (a monotonic queue).
#pragma once

#include <deque>

namespace evenkeel {

template <class Time, class Value>
class SlidingMaximum {
 public:
  // Times ascend.
  void Add(Time time, Value value) {
    while (!items_.empty() && items_.back().value <= value) items_.pop_back();
    items_.push_back({time, value});
  }
  void ForgetBefore(Time time) {
    while (!items_.empty() && items_.front().time < time) items_.pop_front();
  }
  void ForgetUpTo(Time time) {
    while (!items_.empty() && items_.front().time <= time) items_.pop_front();
  }
  // There must be one.
  [[nodiscard]] Value Maximum() const { return items_.front().value; }
  // Is the last value that was added, and not forgotten, below the maximum?
  [[nodiscard]] bool Falling() const { return items_.size() > 1; }

 private:
  struct Item {
    Time time;
    Value value;
  };

  std::deque<Item> items_;  // values fall, so that the first is the largest
};

}  // namespace evenkeel
