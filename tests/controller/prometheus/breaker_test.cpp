#include "controller/prometheus/breaker.hpp"

#include "tests/support/catch.hpp"

using namespace evenkeel;
using namespace std::chrono_literals;

namespace {

constexpr double kNoJitter = 0.5;  // the middle of its range

Breaker::Time At(std::chrono::milliseconds time) { return Breaker::Time(time); }

Breaker Tripped(std::chrono::milliseconds time) {
  Breaker breaker;
  for (int i = 0; i < Breaker::kTripAfter; ++i) {
    REQUIRE(breaker.Admit(At(time)));
    breaker.Record(false, At(time), kNoJitter);
  }
  return breaker;
}

}  // namespace

TEST_CASE("a breaker lets everything through until three failures in a row") {
  Breaker breaker;
  for (const bool answered : {false, false, true, false, false}) {
    CHECK(breaker.Admit(At(0s)));
    breaker.Record(answered, At(0s), kNoJitter);
    CHECK_FALSE(breaker.IsOpen());
  }
  breaker.Record(false, At(0s), kNoJitter);
  CHECK(breaker.IsOpen());
  CHECK_FALSE(breaker.Admit(At(4999ms)));
}

TEST_CASE("after its delay an open breaker lets one query through, whose answer closes it") {
  Breaker breaker = Tripped(0s);
  CHECK(breaker.Admit(At(5s)));
  CHECK_FALSE(breaker.Admit(At(5s)));
  breaker.Record(true, At(6s), kNoJitter);
  CHECK_FALSE(breaker.IsOpen());
  CHECK(breaker.Admit(At(6s)));
  CHECK(breaker.Admit(At(6s)));
}

TEST_CASE("each failed attempt doubles the delay up to its cap, so an outage lowers the rate") {
  Breaker breaker = Tripped(0s);
  auto now = 0ms;
  for (const auto delay : {5s, 10s, 20s, 30s, 30s}) {
    CHECK_FALSE(breaker.Admit(At(now + delay - 1ms)));
    now += delay;
    REQUIRE(breaker.Admit(At(now)));
    breaker.Record(false, At(now), kNoJitter);
  }
}

TEST_CASE("queries under way when the breaker trips do not lengthen the delay") {
  Breaker breaker = Tripped(0s);
  breaker.Record(false, At(1s), kNoJitter);
  CHECK(breaker.Admit(At(5s)));
}

TEST_CASE("an abandoned attempt leaves room for the next") {
  Breaker breaker = Tripped(0s);
  REQUIRE(breaker.Admit(At(5s)));
  breaker.Abandon();
  CHECK(breaker.Admit(At(5s)));
}

TEST_CASE("jitter spreads the delay over a fifth to either side") {
  Breaker early;
  Breaker late;
  for (int i = 0; i < Breaker::kTripAfter; ++i) {
    early.Record(false, At(0s), 0);
    late.Record(false, At(0s), 0.9999);
  }
  CHECK(early.Admit(At(4s)));
  CHECK_FALSE(late.Admit(At(5990ms)));
  CHECK(late.Admit(At(6s)));
}
