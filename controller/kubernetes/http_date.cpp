#include "controller/kubernetes/http_date.hpp"

#include <chrono>
#include <cstddef>
#include <ctime>
#include <iomanip>
#include <locale>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

namespace evenkeel {
namespace {

constexpr std::size_t kLength = std::string_view("Sun, 06 Nov 1994 08:49:37 GMT").size();

}  // namespace

std::optional<std::chrono::sys_seconds> ParseHttpDate(std::string_view text) {
  // get_time takes an end of the text before the end of the format for a success.
  if (text.size() != kLength || !text.ends_with(" GMT")) return std::nullopt;
  std::istringstream in{std::string(text)};
  in.imbue(std::locale::classic());
  std::tm parts{};
  in >> std::get_time(&parts, "%a, %d %b %Y %H:%M:%S GMT");
  if (in.fail() || in.peek() != std::istringstream::traits_type::eof()) return std::nullopt;
  const std::chrono::year_month_day day{std::chrono::year(parts.tm_year + 1900),
                                        std::chrono::month(static_cast<unsigned>(parts.tm_mon + 1)),
                                        std::chrono::day(static_cast<unsigned>(parts.tm_mday))};
  if (!day.ok()) return std::nullopt;
  return std::chrono::sys_days(day) + std::chrono::hours(parts.tm_hour) +
         std::chrono::minutes(parts.tm_min) + std::chrono::seconds(parts.tm_sec);
}

}  // namespace evenkeel
