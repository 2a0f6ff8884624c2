#include "controller/simulate/scrapes.hpp"

namespace evenkeel {

std::optional<double> ExtrapolatedRate(const CounterRange& range, double begin, double end) {
  if (range.samples < 2) return std::nullopt;
  const double increase = range.last - range.first;
  const double sampled = range.last_at - range.first_at;
  const double between = sampled / static_cast<double>(range.samples - 1);
  // A gap at an edge that is about as long as the usual one belongs to the series; a longer one
  // does not, and half of the usual one stands in for it.
  const auto reach = [&](double gap) { return gap >= 1.1 * between ? between / 2 : gap; };
  double to_begin = reach(range.first_at - begin);
  if (increase > 0) to_begin = std::min(to_begin, sampled * (range.first / increase));
  const double to_end = reach(end - range.last_at);
  return increase * ((sampled + to_begin + to_end) / sampled) / (end - begin);
}

std::optional<double> HistogramQuantile(double q, std::span<const double> rates,
                                        std::span<const double> bounds) {
  double total = 0;
  for (const double rate : rates) total += rate;
  if (!(total > 0)) return std::nullopt;
  const double rank = q * total;
  double below = 0;
  double lower = 0;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    if (rates[i] > 0 && below + rates[i] >= rank) {
      return lower + (bounds[i] - lower) * (rank - below) / rates[i];
    }
    below += rates[i];
    lower = bounds[i];
  }
  return bounds.back();
}

}  // namespace evenkeel
