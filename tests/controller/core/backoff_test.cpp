#include "controller/core/backoff.hpp"

#include <chrono>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

using std::chrono::milliseconds;

TEST_CASE("the delay doubles with failures in a row and is capped") {
  const Backoff backoff{milliseconds{1'000}, milliseconds{30'000}};
  const double full = 1.0;
  CHECK(RetryDelay(backoff, 1, full) == milliseconds{1'000});
  CHECK(RetryDelay(backoff, 2, full) == milliseconds{2'000});
  CHECK(RetryDelay(backoff, 5, full) == milliseconds{16'000});
  CHECK(RetryDelay(backoff, 6, full) == milliseconds{30'000});
  CHECK(RetryDelay(backoff, 1'000'000, full) == milliseconds{30'000});
}

TEST_CASE("jitter spreads the upper half of the delay") {
  const Backoff backoff{milliseconds{1'000}, milliseconds{30'000}};
  CHECK(RetryDelay(backoff, 2, 0.0) == milliseconds{1'000});
  CHECK(RetryDelay(backoff, 2, 0.5) == milliseconds{1'500});
}

TEST_CASE("without a failure there is no delay") {
  CHECK(RetryDelay({}, 0, 0.9) == milliseconds{0});
  CHECK(RetryDelay({}, -1, 0.9) == milliseconds{0});
}

TEST_CASE("an initial delay above the cap is capped") {
  CHECK(RetryDelay({milliseconds{500}, milliseconds{100}}, 3, 1.0) == milliseconds{100});
}

}  // namespace
}  // namespace evenkeel
