#include "controller/kubernetes/http_date.hpp"

#include <chrono>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

TEST_CASE("an IMF-fixdate is read") {
  const auto date = ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT");
  REQUIRE(date);
  CHECK(date->time_since_epoch() == std::chrono::seconds{784'111'777});
}

TEST_CASE("what is not an IMF-fixdate is no date") {
  CHECK_FALSE(ParseHttpDate(""));
  CHECK_FALSE(ParseHttpDate("120"));
  CHECK_FALSE(ParseHttpDate("Sun, 06 Nov 1994 08:49:37"));
  CHECK_FALSE(ParseHttpDate("Sun, 06 Nov 1994 GMT"));
  CHECK_FALSE(ParseHttpDate("xxx, 06 Nov 1994 08:49:37 GMT"));
  CHECK_FALSE(ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT and more"));
  CHECK_FALSE(ParseHttpDate("Thu, 31 Feb 2026 08:49:37 GMT"));
}

}  // namespace
}  // namespace evenkeel
