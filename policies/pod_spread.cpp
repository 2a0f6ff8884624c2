#include "policies/pod_spread.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace evenkeel {
namespace {

// Linear between order statistics, as numpy and R do by default; `sorted` is not empty.
double Quantile(const std::vector<double>& sorted, double q) {
  const double rank = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(rank);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (rank - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

PodSpread SpreadOver(std::vector<PodValue> pods, double interval) {
  std::ranges::sort(pods, {}, &PodValue::pod);
  std::vector<double> sorted;
  double sum = 0;
  for (const PodValue& pod : pods) sorted.push_back(pod.value);
  std::ranges::sort(sorted);
  for (const double value : sorted) sum += value;
  const auto largest = std::ranges::max_element(pods, {}, &PodValue::value);
  return {static_cast<int>(pods.size()),
          sorted.front(),
          Quantile(sorted, 0.25),
          sum / static_cast<double>(pods.size()),
          sorted.back(),
          largest->pod,
          std::move(pods),
          interval};
}

}  // namespace evenkeel
