#include "controller/simulate/scenario.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace evenkeel {
namespace {

constexpr std::string_view kSpace = " \t\r";

std::string_view WithoutSpace(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

// A rate: finite and at least 0.
std::optional<double> ParseRate(std::string_view text) {
  text = WithoutSpace(text);
  double rate = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), rate);
  const bool whole = fault == std::errc{} && end == text.data() + text.size();
  return whole && std::isfinite(rate) && rate >= 0 ? std::optional(rate) : std::nullopt;
}

// Of "value" or "timestamp,value".
std::string_view ValueOf(std::string_view line) {
  const std::size_t comma = line.find(',');
  return comma == std::string_view::npos ? line : line.substr(comma + 1);
}

double AtStep(const std::vector<double>& table, SimSeconds step, SimSeconds time) {
  const double index = std::max(0.0, std::floor(time / step));
  return table[static_cast<std::size_t>(std::min(index, static_cast<double>(table.size()) - 1))];
}

}  // namespace

TimePoint AtSimTime(SimSeconds time) {
  return kSimulationBegin + std::chrono::milliseconds(std::llround(time.count() * 1000));
}

double Arrivals::RateAt(SimSeconds time) const {
  if (!table.empty()) return AtStep(table, step, time);
  const auto next = std::upper_bound(rate.begin(), rate.end(), time,
                                     [](SimSeconds t, const RatePoint& p) { return t < p.at; });
  if (next == rate.begin()) return rate.empty() ? 0 : rate.front().rate;
  const RatePoint& last = *std::prev(next);
  if (next == rate.end()) return last.rate;
  return last.rate + (next->rate - last.rate) * ((time - last.at) / (next->at - last.at));
}

Result<std::vector<double>> ParseTrace(std::string_view text) {
  std::vector<double> rates;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = WithoutSpace(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    if (const auto rate = ParseRate(ValueOf(line))) {
      rates.push_back(*rate);
    } else if (number > 1) {
      return Error{.message = "line " + std::to_string(number) +
                              " is neither a rate (a number of at least 0) nor \"timestamp,rate\""};
    }
  }
  if (rates.empty()) return Error{.message = "holds no rates"};
  return rates;
}

std::string_view ToString(EventKind kind) {
  switch (kind) {
    case EventKind::kDatabaseSlow:
      return "databaseSlow";
    case EventKind::kErrors:
      return "errors";
    case EventKind::kMetricsGone:
      return "metricsGone";
    case EventKind::kPodSlow:
      return "podSlow";
    case EventKind::kWorkFactor:
      return "workFactor";
    case EventKind::kPodsLost:
      return "podsLost";
    case EventKind::kPrometheusRestart:
      return "prometheusRestart";
    case EventKind::kControllerRestart:
      return "controllerRestart";
    case EventKind::kRelease:
      return "release";
  }
  return "";
}

}  // namespace evenkeel
