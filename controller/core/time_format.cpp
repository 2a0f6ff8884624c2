#include "controller/core/time_format.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace evenkeel {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes pieces off the front of a text; everything fails softly.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool AtEnd() const { return rest_.empty(); }
  [[nodiscard]] bool AtDigit() const { return !rest_.empty() && IsDigit(rest_.front()); }

  bool Accept(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view Digits() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), IsDigit);
    return Take(static_cast<std::size_t>(end - rest_.begin()));
  }

  // Exactly `width` digits.
  std::optional<int> Number(std::size_t width) {
    if (rest_.size() < width ||
        !std::all_of(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(width), IsDigit)) {
      return std::nullopt;
    }
    int number = 0;
    for (const char c : Take(width)) number = number * 10 + (c - '0');
    return number;
  }

  std::string_view Letters() {
    const auto end =
        std::find_if(rest_.begin(), rest_.end(), [](char c) { return IsDigit(c) || c == '.'; });
    return Take(static_cast<std::size_t>(end - rest_.begin()));
  }

 private:
  std::string_view Take(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  std::string_view rest_;
};

std::string Padded(std::int64_t number, std::size_t width) {
  const std::string digits = std::to_string(number);
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

// Four digits are all that RFC 3339 has for the year; what lies outside is shown as the nearest.
TimePoint ClampToRfc3339(TimePoint time) {
  using std::chrono::sys_days;
  constexpr TimePoint kFirst = sys_days{std::chrono::year{0} / 1 / 1};
  constexpr TimePoint kLast =
      sys_days{std::chrono::year{9999} / 12 / 31} + std::chrono::hours{24} - milliseconds{1};
  return std::clamp(time, kFirst, kLast);
}

std::string FormatSeconds(TimePoint time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return Padded(static_cast<int>(date.year()), 4) + "-" +
         Padded(static_cast<unsigned>(date.month()), 2) + "-" +
         Padded(static_cast<unsigned>(date.day()), 2) + "T" + Padded(clock.hours().count(), 2) +
         ":" + Padded(clock.minutes().count(), 2) + ":" + Padded(clock.seconds().count(), 2);
}

std::optional<std::chrono::sys_days> ParseDate(Cursor& cursor) {
  const auto year = cursor.Number(4);
  if (!year || !cursor.Accept("-")) return std::nullopt;
  const auto month = cursor.Number(2);
  if (!month || !cursor.Accept("-")) return std::nullopt;
  const auto day = cursor.Number(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

std::optional<std::chrono::minutes> ParseHoursMinutes(Cursor& cursor) {
  const auto hour = cursor.Number(2);
  if (!hour || *hour > 23 || !cursor.Accept(":")) return std::nullopt;
  const auto minute = cursor.Number(2);
  if (!minute || *minute > 59) return std::nullopt;
  return std::chrono::hours{*hour} + std::chrono::minutes{*minute};
}

std::optional<milliseconds> ParseFraction(Cursor& cursor) {
  if (!cursor.Accept(".")) return milliseconds{0};
  const std::string_view digits = cursor.Digits();
  if (digits.empty()) return std::nullopt;
  milliseconds fraction{0};
  milliseconds unit{100};
  for (const char c : digits.substr(0, 3)) {
    fraction += unit * (c - '0');
    unit /= 10;
  }
  return fraction;
}

std::optional<milliseconds> ParseClock(Cursor& cursor) {
  const auto minutes = ParseHoursMinutes(cursor);
  if (!minutes || !cursor.Accept(":")) return std::nullopt;
  const auto second = cursor.Number(2);
  if (!second || *second > 59) return std::nullopt;
  const auto fraction = ParseFraction(cursor);
  if (!fraction) return std::nullopt;
  return *minutes + std::chrono::seconds{*second} + *fraction;
}

std::optional<std::chrono::minutes> ParseOffset(Cursor& cursor) {
  if (cursor.Accept("Zz")) return std::chrono::minutes{0};
  const bool west = cursor.Accept("-");
  if (!west && !cursor.Accept("+")) return std::nullopt;
  const auto offset = ParseHoursMinutes(cursor);
  if (!offset) return std::nullopt;
  return west ? -*offset : *offset;
}

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

constexpr std::array kUnits = {
    Unit{"ns", 1},
    Unit{"us", 1'000},
    Unit{"\u00b5s", 1'000},  // micro sign
    Unit{"\u03bcs", 1'000},  // Greek mu
    Unit{"ms", 1'000'000},
    Unit{"s", 1'000'000'000},
    Unit{"m", 60'000'000'000},
    Unit{"h", 3'600'000'000'000},
};

const Unit* FindUnit(std::string_view name) {
  const auto* unit =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& u) { return u.name == name; });
  return unit == kUnits.end() ? nullptr : unit;
}

Error BadDuration(std::string_view text, const std::string& why) {
  return Invalid(why + " in \"" + std::string(text) +
                 "\"; write a duration such as \"250ms\", \"30s\" or \"1h30m\"");
}

// whole.fraction units, exact in integers; nothing when it exceeds `limit`.
std::optional<std::int64_t> Scale(std::string_view whole, std::string_view fraction,
                                  std::int64_t unit, std::int64_t limit) {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(whole.data(), whole.data() + whole.size(), number);
  if (!whole.empty() && parsed.ec != std::errc()) return std::nullopt;
  if (number > limit / unit) return std::nullopt;
  std::int64_t total = number * unit;
  // Digits below a nanosecond vanish here by themselves.
  for (const char c : fraction) {
    unit /= 10;
    total += unit * (c - '0');
    if (unit == 0) break;
  }
  return total > limit ? std::nullopt : std::optional(total);
}

// One "1.5h" of a duration.
Result<nanoseconds> ParseTerm(Cursor& cursor, std::string_view text, nanoseconds so_far) {
  const std::string_view whole = cursor.Digits();
  const std::string_view fraction = cursor.Accept(".") ? cursor.Digits() : std::string_view();
  if (whole.empty() && fraction.empty()) return BadDuration(text, "a number is missing");
  const std::string_view name = cursor.Letters();
  if (name.empty()) return BadDuration(text, "a unit (ms, s, m, h) is missing");
  const Unit* unit = FindUnit(name);
  if (unit == nullptr) return BadDuration(text, "unknown unit \"" + std::string(name) + "\"");
  // A fraction adds less than one unit to a number that was checked: an hour of room is enough.
  constexpr std::int64_t kLimit =
      std::numeric_limits<std::int64_t>::max() - kUnits.back().nanoseconds;
  const auto term = Scale(whole, fraction, unit->nanoseconds, kLimit);
  if (!term || *term > kLimit - so_far.count()) return BadDuration(text, "too long a time");
  return nanoseconds{*term};
}

}  // namespace

std::string FormatTime(TimePoint time) { return FormatSeconds(ClampToRfc3339(time)) + "Z"; }

std::string FormatMicroTime(TimePoint time) {
  const TimePoint shown = ClampToRfc3339(time);
  const auto fraction = shown - std::chrono::floor<std::chrono::seconds>(shown);
  return FormatSeconds(shown) + "." + Padded(fraction.count(), 3) + "000Z";
}

std::optional<TimePoint> ParseTime(std::string_view text) {
  Cursor cursor(text);
  const auto date = ParseDate(cursor);
  if (!date || !cursor.Accept("Tt")) return std::nullopt;
  const auto clock = ParseClock(cursor);
  if (!clock) return std::nullopt;
  const auto offset = ParseOffset(cursor);
  if (!offset || !cursor.AtEnd()) return std::nullopt;
  return TimePoint{*date} + *clock - *offset;
}

Result<nanoseconds> ParseExactDuration(std::string_view text) {
  if (text.empty()) return BadDuration(text, "nothing");
  if (text.front() == '-' || text.front() == '+') return BadDuration(text, "a sign is not allowed");
  Cursor cursor(text);
  nanoseconds total{0};
  while (!cursor.AtEnd()) {
    const Result<nanoseconds> term = ParseTerm(cursor, text, total);
    if (!term) return term.error();
    total += *term;
  }
  return total;
}

Result<milliseconds> ParseDuration(std::string_view text) {
  const Result<nanoseconds> exact = ParseExactDuration(text);
  if (!exact) return exact.error();
  return std::chrono::floor<milliseconds>(*exact);
}

std::string FormatDuration(milliseconds duration) {
  // The magnitude in unsigned numbers: the smallest value has no positive counterpart.
  const bool negative = duration.count() < 0;
  const auto count = static_cast<std::uint64_t>(duration.count());
  std::uint64_t rest = negative ? std::uint64_t{0} - count : count;
  if (rest == 0) return "0s";
  std::string text = negative ? "-" : "";
  if (rest < 1000) return text + std::to_string(rest) + "ms";
  if (rest >= 3'600'000) text += std::to_string(rest / 3'600'000) + "h";
  rest %= 3'600'000;
  if (rest >= 60'000) text += std::to_string(rest / 60'000) + "m";
  rest %= 60'000;
  if (rest == 0) return text;
  text += std::to_string(rest / 1000);
  if (rest % 1000 != 0) {
    std::string fraction = Padded(static_cast<std::int64_t>(rest % 1000), 3);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += "." + fraction;
  }
  return text + "s";
}

}  // namespace evenkeel
