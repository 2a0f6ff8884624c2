#include "controller/core/due_queue.hpp"

#include "controller/core/token_bucket.hpp"
#include "controller/core/turns.hpp"
#include "support/catch.hpp"

namespace evenkeel {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Keys = std::vector<ObjectKey>;

const TimePoint kOrigin{seconds(1500)};  // a turn
const ObjectKey kA{"shop", "a"};
const ObjectKey kB{"shop", "b"};

TEST_CASE("due queue: nothing is due before its time") {
  DueQueue queue(seconds(15));
  queue.Schedule(kA, kOrigin + seconds(3));
  CHECK(queue.TakeDue(kOrigin + milliseconds(2999)).keys.empty());
  CHECK(queue.TakeDue(kOrigin + seconds(3)).keys == Keys{kA});
}

TEST_CASE("due queue: all keys fall into one rhythm after their first turn") {
  DueQueue queue(seconds(15));
  queue.Schedule(kA, kOrigin + seconds(3));
  queue.Schedule(kB, kOrigin + seconds(7));
  CHECK(queue.TakeDue(kOrigin + seconds(8)).keys == Keys{kA, kB});
  CHECK(queue.NextDue(kOrigin + seconds(8)) == kOrigin + seconds(15));
  CHECK(queue.TakeDue(kOrigin + seconds(15)).keys == Keys{kA, kB});
}

TEST_CASE("due queue: a key is there once and the earliest time wins") {
  DueQueue queue(seconds(15));
  queue.Schedule(kA, kOrigin + seconds(9));
  queue.Schedule(kA, kOrigin + seconds(5));
  queue.Schedule(kA, kOrigin + seconds(12));
  CHECK(queue.size() == 1);
  CHECK(queue.NextDue(kOrigin) == kOrigin + seconds(5));
  CHECK(queue.TakeDue(kOrigin + seconds(12)).keys == Keys{kA});
  CHECK(queue.NextDue(kOrigin + seconds(12)) == kOrigin + seconds(15));
}

TEST_CASE("due queue: missed turns are not made up for") {
  DueQueue queue(seconds(15));
  queue.Schedule(kA, kOrigin);
  CHECK(queue.TakeDue(kOrigin + seconds(100)).keys == Keys{kA});
  CHECK(queue.TakeDue(kOrigin + seconds(100)).keys.empty());
  CHECK(queue.NextDue(kOrigin + seconds(100)) == kOrigin + seconds(105));
}

TEST_CASE("due queue: a removed key does not come again") {
  DueQueue queue(seconds(15));
  queue.Schedule(kA, kOrigin);
  queue.Remove(kA);
  queue.Remove(kB);
  CHECK(queue.TakeDue(kOrigin + seconds(100)).keys.empty());
  CHECK_FALSE(queue.NextDue(kOrigin).has_value());
}

TEST_CASE("due queue: a round on a turn has the turn's time however late it is, others their own") {
  DueQueue queue(seconds(15));
  queue.ScheduleTurn(kA, kOrigin);
  CHECK(queue.TakeDue(kOrigin + milliseconds(15'003)).time == kOrigin + seconds(15));
  CHECK(queue.TakeDue(kOrigin + seconds(62)).time == kOrigin + seconds(60));
  queue.Schedule(kB, kOrigin + seconds(64));
  const Due between = queue.TakeDue(kOrigin + seconds(64));
  CHECK(between.keys == Keys{kB});
  CHECK(between.time == kOrigin + seconds(64));
}

TEST_CASE("due queue: a turn that has come is not taken twice") {
  DueQueue queue(seconds(15));
  queue.ScheduleTurn(kA, kOrigin - milliseconds(1));
  CHECK(queue.TakeDue(kOrigin).keys == Keys{kA});
  CHECK(queue.NextDue(kOrigin) == kOrigin + seconds(15));
}

TEST_CASE("due queue: a clock that was set back delays nothing by more than a period") {
  DueQueue queue(seconds(15));
  queue.ScheduleTurn(kA, kOrigin);
  queue.Schedule(kB, kOrigin + seconds(1));
  const TimePoint back = kOrigin - std::chrono::hours(2);
  CHECK(queue.NextDue(back) == back + seconds(15));
  CHECK(queue.TakeDue(back + seconds(15)).keys == Keys{kA, kB});
}

TEST_CASE("due queue: a clock that goes back by a little has no turn twice") {
  DueQueue queue(seconds(15));
  queue.ScheduleTurn(kA, kOrigin - seconds(1));
  CHECK(queue.TakeDue(kOrigin).keys == Keys{kA});
  CHECK(queue.NextDue(kOrigin - milliseconds(30)) == kOrigin + seconds(15));
}

TEST_CASE("turns: multiples of the period, those before now and within the span") {
  CHECK(TurnAt(kOrigin, seconds(15)) == kOrigin);
  CHECK(TurnAt(kOrigin + milliseconds(14'999), seconds(15)) == kOrigin);
  CHECK(TurnAt(TimePoint(milliseconds(-1)), seconds(15)) == TimePoint(seconds(-15)));
  const Instants on_turn = TurnsBefore(kOrigin, seconds(60), seconds(15));
  CHECK(on_turn == Instants{kOrigin - seconds(60), kOrigin - seconds(15), seconds(15)});
  CHECK(on_turn.Count() == 4);
  const Instants between = TurnsBefore(kOrigin + seconds(1), seconds(60), seconds(15));
  CHECK(between == Instants{kOrigin - seconds(45), kOrigin, seconds(15)});
  CHECK(TurnsBefore(kOrigin, seconds(1), seconds(15)).Count() == 1);
}

TEST_CASE("token bucket: a burst at once, then the rate") {
  const TokenBucket::Time start{seconds(50)};
  TokenBucket bucket(2, 3, start);
  for (int i = 0; i < 3; ++i) CHECK(bucket.Take(start));
  CHECK_FALSE(bucket.Take(start));
  CHECK_FALSE(bucket.Take(start + milliseconds(499)));
  CHECK(bucket.Take(start + milliseconds(500)));
  CHECK_FALSE(bucket.Take(start + milliseconds(500)));
}

TEST_CASE("token bucket: who waits as long as it says gets a token") {
  TokenBucket::Time now{seconds(50)};
  TokenBucket bucket(3, 1, now);
  CHECK(bucket.Wait(now) == TokenBucket::Time::duration::zero());
  CHECK(bucket.Take(now));
  for (int i = 0; i < 20; ++i) {
    now += bucket.Wait(now);
    CHECK(bucket.Take(now));
    CHECK(bucket.Wait(now) > milliseconds(333));
    CHECK(bucket.Wait(now) < milliseconds(334));
  }
}

TEST_CASE("token bucket: rest saves up no more than a burst") {
  const TokenBucket::Time start{seconds(50)};
  TokenBucket bucket(10, 2, start);
  CHECK(bucket.Take(start + seconds(60)));
  CHECK(bucket.Take(start + seconds(60)));
  CHECK_FALSE(bucket.Take(start + seconds(60)));
}

}  // namespace
}  // namespace evenkeel
