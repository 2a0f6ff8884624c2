#include "controller/simulate/sliding_maximum.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

TEST_CASE("sliding maximum: the largest of the last values, as a search finds it") {
  std::mt19937 random(5);
  std::uniform_int_distribution<int> any(0, 9);
  std::vector<int> values;
  SlidingMaximum<int, int> inclusive;
  SlidingMaximum<int, int> exclusive;
  for (int time = 0; time < 500; ++time) {
    values.push_back(any(random));
    inclusive.Add(time, values.back());
    inclusive.ForgetBefore(time - 20);
    exclusive.Add(time, values.back());
    exclusive.ForgetUpTo(time - 20);
    CHECK(inclusive.Maximum() ==
          *std::max_element(values.end() - std::min(time + 1, 21), values.end()));
    const int largest = *std::max_element(values.end() - std::min(time + 1, 20), values.end());
    CHECK(exclusive.Maximum() == largest);
    CHECK(exclusive.Falling() == (largest > values.back()));
  }
}

}  // namespace
}  // namespace evenkeel
