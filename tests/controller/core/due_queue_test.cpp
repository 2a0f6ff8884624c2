#include "controller/core/due_queue.hpp"

#include "controller/core/token_bucket.hpp"
#include "support/catch.hpp"

namespace evenkeel {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Keys = std::vector<ObjectKey>;

const DueQueue::Time kOrigin{seconds(1000)};
const ObjectKey kA{"shop", "a"};
const ObjectKey kB{"shop", "b"};

TEST_CASE("due queue: nothing is due before its time") {
  DueQueue queue(seconds(15), kOrigin);
  queue.Schedule(kA, kOrigin + seconds(3));
  CHECK(queue.TakeDue(kOrigin + milliseconds(2999)).empty());
  CHECK(queue.TakeDue(kOrigin + seconds(3)) == Keys{kA});
}

TEST_CASE("due queue: all keys fall into one rhythm after their first turn") {
  DueQueue queue(seconds(15), kOrigin);
  queue.Schedule(kA, kOrigin + seconds(3));
  queue.Schedule(kB, kOrigin + seconds(7));
  CHECK(queue.TakeDue(kOrigin + seconds(8)) == Keys{kA, kB});
  CHECK(queue.NextDue() == kOrigin + seconds(15));
  CHECK(queue.TakeDue(kOrigin + seconds(15)) == Keys{kA, kB});
}

TEST_CASE("due queue: a key is there once and the earliest time wins") {
  DueQueue queue(seconds(15), kOrigin);
  queue.Schedule(kA, kOrigin + seconds(9));
  queue.Schedule(kA, kOrigin + seconds(5));
  queue.Schedule(kA, kOrigin + seconds(12));
  CHECK(queue.size() == 1);
  CHECK(queue.NextDue() == kOrigin + seconds(5));
  CHECK(queue.TakeDue(kOrigin + seconds(12)) == Keys{kA});
  CHECK(queue.NextDue() == kOrigin + seconds(15));
}

TEST_CASE("due queue: missed turns are not made up for") {
  DueQueue queue(seconds(15), kOrigin);
  queue.Schedule(kA, kOrigin);
  CHECK(queue.TakeDue(kOrigin + seconds(100)) == Keys{kA});
  CHECK(queue.TakeDue(kOrigin + seconds(100)).empty());
  CHECK(queue.NextDue() == kOrigin + seconds(105));
}

TEST_CASE("due queue: a removed key does not come again") {
  DueQueue queue(seconds(15), kOrigin);
  queue.Schedule(kA, kOrigin);
  queue.Remove(kA);
  queue.Remove(kB);
  CHECK(queue.TakeDue(kOrigin + seconds(100)).empty());
  CHECK_FALSE(queue.NextDue().has_value());
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

TEST_CASE("token bucket: rest saves up no more than a burst") {
  const TokenBucket::Time start{seconds(50)};
  TokenBucket bucket(10, 2, start);
  CHECK(bucket.Take(start + seconds(60)));
  CHECK(bucket.Take(start + seconds(60)));
  CHECK_FALSE(bucket.Take(start + seconds(60)));
}

}  // namespace
}  // namespace evenkeel
