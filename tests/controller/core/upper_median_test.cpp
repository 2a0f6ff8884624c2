#include "controller/core/upper_median.hpp"

#include <vector>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

TEST_CASE("upper median: the middle one, or the upper one of two") {
  CHECK_FALSE(UpperMedian(std::vector<int>{}));
  CHECK(UpperMedian(std::vector{7}) == 7);
  CHECK(UpperMedian(std::vector{9, 1}) == 9);
  CHECK(UpperMedian(std::vector{9, 1, 5}) == 5);
  CHECK(UpperMedian(std::vector{4, 3, 2, 1}) == 3);
}

}  // namespace
}  // namespace evenkeel
