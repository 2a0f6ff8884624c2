#include "controller/simulate/scores.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

// Windows of 100 requests, of which so many are bad.
Record WithBad(const std::vector<std::uint32_t>& bad) {
  Record record;
  for (const std::uint32_t count : bad) record.windows.push_back({.requests = 100, .bad = count});
  return record;
}

Record WithSeconds(const std::vector<SecondRecord>& seconds) {
  Record record;
  record.seconds = seconds;
  return record;
}

TEST_CASE("scores: bad requests are counted by request, bad time by window") {
  // 1 of 100 is not more than 1 %, 2 are.
  const Scores scores = ScoreOf(WithBad({0, 1, 2, 37}));
  CHECK(scores.bad_requests == Approx(0.1));
  CHECK(scores.bad_time == Approx(0.5));
}

TEST_CASE("scores: windows without requests are good ones") {
  Record record = WithBad({50});
  record.windows.push_back({.requests = 0, .bad = 0, .failed = 0, .p99 = 9});
  const Scores scores = ScoreOf(record);
  CHECK(scores.bad_requests == Approx(0.5));
  CHECK(scores.bad_time == Approx(0.5));
  CHECK(scores.worst_p99 == 0);
}

TEST_CASE("scores: an episode without anything scores 0") { CHECK(ScoreOf({}) == Scores{}); }

TEST_CASE("scores: a spell lasts until three windows in a row are good") {
  CHECK(ScoreOf(WithBad({0, 9, 0, 0, 9, 0, 0, 0, 0})).time_to_recover == Approx(40));
  SECTION("to the end, if they never are") {
    CHECK(ScoreOf(WithBad({0, 9, 9, 0, 0})).time_to_recover == Approx(40));
  }
  SECTION("the median of several") {
    CHECK(ScoreOf(WithBad({9, 0, 0, 0, 9, 9, 9, 0, 0, 0})).time_to_recover == Approx(20));
    CHECK(ScoreOf(WithBad({9, 0, 0, 0, 9, 0, 0, 0, 9, 9, 9, 0, 0, 0})).time_to_recover ==
          Approx(10));
  }
}

TEST_CASE("scores: the warm-up is left out") {
  Record record = WithBad({90, 90, 0, 0});
  record.warmup = SimSeconds{20};
  record.windows[0].p99 = 8;
  record.windows[3].p99 = 2;
  record.seconds.assign(40, {.rate = 1, .spec = 9, .ready = 9, .needed = 1});
  for (std::size_t i = 20; i < 40; ++i) record.seconds[i].spec = record.seconds[i].ready = 1;
  record.changes = {{SimSeconds{19}, 1, 9}, {SimSeconds{20}, 9, 1}};
  record.pods = {{SimSeconds{1}, SimSeconds{5}, SimSeconds{19}},
                 {SimSeconds{1}, SimSeconds{5}, SimSeconds{20}}};
  const Scores scores = ScoreOf(record);
  CHECK(scores.bad_requests == 0);
  CHECK(scores.worst_p99 == 2);
  CHECK(scores.replica_hours == Approx(20 / 3600.0));
  CHECK(scores.peak == 1);
  CHECK(scores.theta_o == 0);
  CHECK(scores.changes == 1);
  CHECK(scores.reversals == 1);
  CHECK(scores.wasted_starts == 1);
}

TEST_CASE("scores: a reversal is a change against any of the last 10 minutes") {
  Record record;
  record.changes = {{SimSeconds{0}, 2, 4},      // up
                    {SimSeconds{600}, 4, 3},    // against it, just in time
                    {SimSeconds{700}, 3, 2},    // no longer
                    {SimSeconds{1250}, 2, 3},   // against the one at 700
                    {SimSeconds{1260}, 3, 5},   // also
                    {SimSeconds{2000}, 5, 1}};  // against nothing recent
  const Scores scores = ScoreOf(record);
  CHECK(scores.changes == 6);
  CHECK(scores.reversals == 3);
}

TEST_CASE("scores: a wasted start is a pod of a scale-out that went before it was 5 min old") {
  Record record;
  record.pods = {{SimSeconds{0}, SimSeconds{30}, SimSeconds{299}},
                 {SimSeconds{0}, SimSeconds{30}, SimSeconds{300}},
                 {SimSeconds{0}, SimSeconds{30}, SimSeconds{-1}},
                 {SimSeconds{0}, SimSeconds{-1}, SimSeconds{20}},
                 {SimSeconds{0}, SimSeconds{30}, SimSeconds{50}, false}};
  CHECK(ScoreOf(record).wasted_starts == 2);
}

TEST_CASE("scores: SPEC elasticity is relative to what is needed") {
  const Scores scores = ScoreOf(WithSeconds({
      {.rate = 0, .spec = 4, .ready = 3, .needed = 4},  // short by a quarter
      {.rate = 0, .spec = 4, .ready = 4, .needed = 4},
      {.rate = 0, .spec = 6, .ready = 4, .needed = 2},  // twice what is needed
      {.rate = 0, .spec = 2, .ready = 2, .needed = 2},
  }));
  CHECK(scores.theta_u == Approx(100 * 0.25 / 4));
  CHECK(scores.theta_o == Approx(100 * 1.0 / 4));
  CHECK(scores.tau_u == Approx(25));
  CHECK(scores.tau_o == Approx(25));
  CHECK(scores.replica_hours == Approx(16 / 3600.0));
  CHECK(scores.peak == 6);
  CHECK(scores.overshoot == Approx(0.5));
}

TEST_CASE("scores: fewer replicas than needed are no overshoot") {
  CHECK(ScoreOf(WithSeconds({{.rate = 0, .spec = 2, .ready = 2, .needed = 4}})).overshoot == 0);
}

TEST_CASE("scores: instability counts minutes in which ready pods moved otherwise than needed") {
  std::vector<SecondRecord> seconds(241, {.rate = 0, .spec = 2, .ready = 2, .needed = 2});
  auto from = [&](std::size_t begin, Replicas ready, Replicas needed) {
    for (std::size_t i = begin; i < seconds.size(); ++i) {
      seconds[i].ready = ready;
      seconds[i].needed = needed;
    }
  };
  from(30, 3, 4);   // both up: by how much does not matter
  from(90, 3, 3);   // needed down, ready still
  from(150, 5, 2);  // against each other: counts once, not twice
  CHECK(ScoreOf(WithSeconds(seconds)).instability == Approx(50));
}

TEST_CASE("scores: the fields are those of the JSON, each once") {
  Scores scores;
  double value = 0;
  for (const ScoreField& field : ScoreFields()) scores.*field.member = ++value;
  CHECK(scores.bad_requests == 1);
  CHECK(scores.replica_hours == 3);
  CHECK(scores.instability == 15);
  CHECK(ScoreFields()[3].name == "timeToRecover");
}

}  // namespace
}  // namespace evenkeel
