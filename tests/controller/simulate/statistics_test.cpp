#include "controller/simulate/statistics.hpp"

#include <vector>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

using Values = std::vector<double>;

TEST_CASE("statistics: Student's t is that of the tables") {
  const std::pair<std::size_t, double> rows[] = {
      {1, 12.7062}, {2, 4.3027},  {9, 2.2622},  {10, 2.2281},  {11, 2.2010},
      {19, 2.0930}, {30, 2.0423}, {60, 2.0003}, {120, 1.9799}, {1000, 1.9623}};
  for (const auto& [degrees, expected] : rows) {
    INFO(degrees);
    CHECK(StudentT95(degrees) == Approx(expected).margin(0.0001));
  }
}

TEST_CASE("statistics: an interval is the mean plus and minus t standard errors") {
  // Mean 4, variance 4 over 3 values: standard error 2/sqrt(3).
  const Estimate estimate = EstimateOf(Values{2, 4, 6});
  CHECK(estimate.mean == Approx(4));
  REQUIRE(estimate.half);
  CHECK(*estimate.half == Approx(4.30265 * 1.1547005));
}

TEST_CASE("statistics: one value has no interval, equal ones have one of no width") {
  CHECK(EstimateOf(Values{7}) == Estimate{7, std::nullopt});
  CHECK(EstimateOf(Values{7, 7}) == Estimate{7, 0.0});
}

TEST_CASE("statistics: pairs tell apart what intervals of the means cannot") {
  // Seeds differ by far more than policies do, but the policies always by 2.
  const Values theirs{10, 20, 30};
  const Difference difference = DifferenceOf(Values{7, 18, 27.5}, theirs);
  CHECK(difference.absolute.mean == Approx(-2.5));
  CHECK(*difference.relative == Approx(-0.125));
  CHECK(difference.comparison == Comparison::kBetter);
  CHECK(DifferenceOf(Values{13, 22, 32.5}, theirs).comparison == Comparison::kWorse);
}

TEST_CASE("statistics: nothing is called better within the noise, or by a tenth or less") {
  const Values theirs{10, 20, 30};
  CHECK(DifferenceOf(Values{2, 20.5, 29.5}, theirs).comparison == Comparison::kUndecided);
  CHECK(DifferenceOf(Values{8, 18, 28}, theirs).comparison == Comparison::kUndecided);
  CHECK(DifferenceOf(Values{7.9, 17.9, 27.9}, theirs).comparison == Comparison::kBetter);
  SECTION("nor from one seed") {
    CHECK(DifferenceOf(Values{1}, Values{9}).comparison == Comparison::kUndecided);
  }
}

TEST_CASE("statistics: against nothing, any certain excess is worse and has no relative size") {
  const Difference difference = DifferenceOf(Values{1, 1, 1.1}, Values{0, 0, 0});
  CHECK(difference.comparison == Comparison::kWorse);
  CHECK_FALSE(difference.relative);
  CHECK(DifferenceOf(Values{0, 0}, Values{0, 0}).comparison == Comparison::kUndecided);
}

TEST_CASE("statistics: the front holds what nothing beats on both axes") {
  const std::vector<PlanePoint> points = {{0, 30}, {1, 20}, {1, 25}, {5, 10}, {6, 10}, {5, 10}};
  CHECK(OnParetoFront(points) == std::vector<bool>{true, true, false, true, false, true});
}

}  // namespace
}  // namespace evenkeel
