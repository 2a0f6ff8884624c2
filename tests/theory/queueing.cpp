#include "tests/theory/queueing.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

namespace evenkeel::test {
namespace {

// Where a falling function is 0.01.
double Percentile99(const std::function<double(double)>& exceeds, double scale) {
  double low = 0;
  double high = scale;
  while (exceeds(high) > 0.01) high *= 2;
  for (int i = 0; i < 80; ++i) {
    const double middle = (low + high) / 2;
    (exceeds(middle) > 0.01 ? low : high) = middle;
  }
  return low;
}

// Probabilities a^n/n! up to n = servers - 1, relative to that of an empty system.
std::vector<double> Unscaled(double erlangs, int servers) {
  std::vector<double> weights = {1};
  for (int n = 1; n < servers; ++n) weights.push_back(weights.back() * erlangs / n);
  return weights;
}

double Sum(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

// Of the lattice: P(X in [k·step, (k+1)·step)), all mass taken in the middle.
std::vector<double> Lattice(const std::function<double(double)>& exceeds, double step,
                            std::size_t cells) {
  std::vector<double> mass(cells);
  for (std::size_t k = 0; k < cells; ++k) {
    const double low = k == 0 ? 0 : (static_cast<double>(k) - 0.5) * step;
    mass[k] = (k == 0 ? 1 : exceeds(low)) - exceeds((static_cast<double>(k) + 0.5) * step);
  }
  return mass;
}

std::vector<double> GeometricSum(const std::vector<double>& part, double rho) {
  const double scale = 1 / (1 - rho * part[0]);
  std::vector<double> sum(part.size());
  sum[0] = (1 - rho) * scale;
  for (std::size_t k = 1; k < sum.size(); ++k) {
    double mass = 0;
    for (std::size_t j = 1; j <= k; ++j) mass += part[j] * sum[k - j];
    sum[k] = rho * scale * mass;
  }
  return sum;
}

// P(residual > t) = 1/service · the integral of P(service > x) from t on, by the midpoint rule.
std::vector<double> ResidualLattice(const std::function<double(double)>& exceeds, double service,
                                    double step, std::size_t cells) {
  constexpr int kFine = 8;
  std::vector<double> mass(cells);
  for (std::size_t k = 0; k < cells; ++k) {
    for (int i = 0; i < kFine; ++i) {
      const double x = (static_cast<double>(k) - 0.5 + (i + 0.5) / kFine) * step;
      if (x >= 0) mass[k] += exceeds(x) * step / kFine / service;
    }
  }
  return mass;
}

}  // namespace

Sojourn MM1(double arrivals, double service) {
  const double mean = service / (1 - arrivals * service);
  return {mean, std::log(100.0) * mean};
}

Sojourn MG1(double arrivals, double service, double variation,
            const std::function<double(double)>& exceeds) {
  const double rho = arrivals * service;
  const double mean = service + arrivals * service * service * (1 + variation) / (2 * (1 - rho));
  const std::size_t cells = 6000;
  const double step = 15 * mean / static_cast<double>(cells);
  const std::vector<double> wait =
      GeometricSum(ResidualLattice(exceeds, service, step, cells), rho);
  const std::vector<double> work = Lattice(exceeds, step, cells);
  double below = 0;
  for (std::size_t k = 0; k < cells; ++k) {
    double mass = 0;
    for (std::size_t j = 0; j <= k; ++j) mass += work[j] * wait[k - j];
    below += mass;
    if (below >= 0.99) return {mean, static_cast<double>(k) * step};
  }
  return {mean, 0};
}

Sojourn MMc(double arrivals, double service, int servers) {
  const double erlangs = arrivals * service;
  const std::vector<double> weights = Unscaled(erlangs, servers);
  const double all_busy =
      weights.back() * erlangs / servers / (1 - erlangs / servers);  // n >= servers
  const double waits = all_busy / (Sum(weights) + all_busy);
  const double mu = 1 / service;
  const double leave = servers * mu - arrivals;  // rate of the wait, given that there is one
  const auto exceeds = [&](double t) {
    const double both = (leave * std::exp(-mu * t) - mu * std::exp(-leave * t)) / (leave - mu);
    return (1 - waits) * std::exp(-mu * t) + waits * both;
  };
  return {service + waits / leave, Percentile99(exceeds, service)};
}

double LostByPatience(double arrivals, double service, int servers, double patience) {
  const std::vector<double> weights = Unscaled(arrivals * service, servers);
  const double together = servers / service;
  const double drift = together - arrivals;
  const double density = arrivals * weights.back();  // of the offered wait at 0
  const double at_patience = density * std::exp(-drift * patience);
  const double waits = (density - at_patience) / drift;
  const double lost = at_patience / together;
  return lost / (Sum(weights) + waits + lost);
}

double LogNormalExceeds(double t, double mean, double variation) {
  const double variance = std::log(1 + variation);
  const double z = (std::log(t / mean) + variance / 2) / std::sqrt(variance);
  return 0.5 * std::erfc(z / std::sqrt(2.0));
}

}  // namespace evenkeel::test
