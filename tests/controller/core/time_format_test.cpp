#include "controller/core/time_format.hpp"

#include <chrono>
#include <cstdint>
#include <random>
#include <string>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TimePoint At(std::int64_t ms) { return TimePoint{milliseconds{ms}}; }

constexpr std::int64_t kNov23 = 1795426200000;  // 2026-11-23T09:30:00Z

TEST_CASE("times are written as Kubernetes writes them") {
  CHECK(FormatTime(At(kNov23)) == "2026-11-23T09:30:00Z");
  CHECK(FormatMicroTime(At(kNov23 + 7)) == "2026-11-23T09:30:00.007000Z");
  CHECK(FormatTime(At(0)) == "1970-01-01T00:00:00Z");
}

TEST_CASE("a time before 1970 is floored, not truncated towards it") {
  CHECK(FormatTime(At(-1)) == "1969-12-31T23:59:59Z");
  CHECK(FormatMicroTime(At(-1)) == "1969-12-31T23:59:59.999000Z");
}

TEST_CASE("a time that RFC 3339 cannot write is shown as the nearest that it can") {
  CHECK(FormatTime(TimePoint::max()) == "9999-12-31T23:59:59Z");
  CHECK(FormatTime(TimePoint::min()) == "0000-01-01T00:00:00Z");
}

TEST_CASE("times are read with any offset and any number of fractional digits") {
  CHECK(ParseTime("2026-11-23T09:30:00Z") == At(kNov23));
  CHECK(ParseTime("2026-11-23t09:30:00z") == At(kNov23));
  CHECK(ParseTime("2026-11-23T10:30:00+01:00") == At(kNov23));
  CHECK(ParseTime("2026-11-23T04:00:00-05:30") == At(kNov23));
  CHECK(ParseTime("2026-11-23T09:30:00.5Z") == At(kNov23 + 500));
  CHECK(ParseTime("2026-11-23T09:30:00.1239999Z") == At(kNov23 + 123));
  CHECK(ParseTime("2028-02-29T00:00:00Z").has_value());
}

TEST_CASE("what is not a time is refused") {
  for (const char* text :
       {"", "2026-11-23", "2026-11-23T09:30:00", "2026-11-23 09:30:00Z", "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-11-23T24:00:00Z",
        "2026-11-23T09:60:00Z", "2026-11-23T09:30:60Z", "2026-11-23T09:30:00.Z",
        "2026-11-23T09:30:00+1:00", "2026-11-23T09:30:00+24:00", "2026-11-23T09:30:00ZZ",
        "+026-11-23T09:30:00Z", "20261123T093000Z"}) {
    INFO(text);
    CHECK_FALSE(ParseTime(text).has_value());
  }
}

TEST_CASE("every time within RFC 3339 survives being written and read") {
  std::mt19937_64 random(1);  // NOLINT(cert-msc*): the same times every run
  const std::int64_t first = ParseTime("0000-01-01T00:00:00Z")->time_since_epoch().count();
  const std::int64_t last = ParseTime("9999-12-31T23:59:59.999Z")->time_since_epoch().count();
  std::uniform_int_distribution<std::int64_t> any(first, last);
  for (int i = 0; i < 2000; ++i) {
    const TimePoint time = At(any(random));
    INFO(FormatMicroTime(time));
    REQUIRE(ParseTime(FormatMicroTime(time)) == time);
    REQUIRE(ParseTime(FormatTime(time)) == std::chrono::floor<seconds>(time));
  }
}

TEST_CASE("durations are read by Go's grammar") {
  CHECK(*ParseDuration("250ms") == milliseconds{250});
  CHECK(*ParseDuration("1h30m") == hours{1} + minutes{30});
  CHECK(*ParseDuration("1.5s") == milliseconds{1500});
  CHECK(*ParseDuration(".5s") == milliseconds{500});
  CHECK(*ParseDuration("2.s") == seconds{2});
  CHECK(*ParseDuration("30m1h") == minutes{90});
  CHECK(*ParseDuration("1000us") == milliseconds{1});
  CHECK(*ParseDuration("1000\u00b5s") == milliseconds{1});
  CHECK(*ParseDuration("1000\u03bcs") == milliseconds{1});
  CHECK(*ParseDuration("1999999ns") == milliseconds{1});
  CHECK(*ParseDuration("0s") == milliseconds{0});
  CHECK(*ParseExactDuration("0.1234567891s") == std::chrono::nanoseconds{123456789});
  CHECK(*ParseExactDuration("500us") == std::chrono::microseconds{500});
}

TEST_CASE("a bad duration is refused with what is wrong") {
  const auto [text, why] = GENERATE(table<std::string, std::string>({
      {"", "nothing"},
      {"5", "a unit (ms, s, m, h) is missing"},
      {"0", "a unit (ms, s, m, h) is missing"},
      {"1m30", "a unit (ms, s, m, h) is missing"},
      {"s", "a number is missing"},
      {".s", "a number is missing"},
      {"-5s", "a sign is not allowed"},
      {"+5s", "a sign is not allowed"},
      {"1d", "unknown unit \"d\""},
      {"1 s", "unknown unit \" s\""},
      {"5S", "unknown unit \"S\""},
      {"1.2.3s", "a unit (ms, s, m, h) is missing"},
      {"9999999h", "too long a time"},
      {"99999999999999999999999s", "too long a time"},
      {"2562047h2562047h", "too long a time"},
  }));
  INFO(text);
  const auto parsed = ParseDuration(text);
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().kind == ErrorKind::kInvalid);
  CHECK(parsed.error().message.starts_with(why));
}

TEST_CASE("durations are written in the shortest of Go's forms") {
  CHECK(FormatDuration(milliseconds{0}) == "0s");
  CHECK(FormatDuration(milliseconds{250}) == "250ms");
  CHECK(FormatDuration(milliseconds{1500}) == "1.5s");
  CHECK(FormatDuration(seconds{60}) == "1m");
  CHECK(FormatDuration(seconds{90}) == "1m30s");
  CHECK(FormatDuration(hours{2}) == "2h");
  CHECK(FormatDuration(hours{1} + milliseconds{10}) == "1h0.01s");
  CHECK(FormatDuration(milliseconds{-250}) == "-250ms");
  CHECK(FormatDuration(milliseconds::min()).starts_with("-2562047788015h"));
}

TEST_CASE("every duration up to 292 years survives being written and read") {
  std::mt19937_64 random(2);  // NOLINT(cert-msc*): the same durations every run
  for (int i = 0; i < 2000; ++i) {
    // All magnitudes alike, not only the largest.
    const milliseconds duration{
        static_cast<std::int64_t>((random() % 9'000'000'000'000U) >> (random() % 43U))};
    INFO(FormatDuration(duration));
    REQUIRE(*ParseDuration(FormatDuration(duration)) == duration);
  }
}

}  // namespace
}  // namespace evenkeel
