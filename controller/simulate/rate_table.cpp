#include "controller/simulate/rate_table.hpp"

#include <cmath>
#include <cstddef>

#include "controller/simulate/random.hpp"
#include "controller/simulate/streams.hpp"

namespace evenkeel {

std::vector<double> RateTable(const Scenario& scenario, std::uint64_t seed) {
  const Noise& noise = scenario.arrivals.noise;
  Random random(seed, stream::kNoise);
  double x = noise.sigma > 0 ? noise.sigma * random.Normal() : 0;
  const double fresh = noise.sigma * std::sqrt(1 - noise.rho * noise.rho);
  std::vector<double> rates(static_cast<std::size_t>(std::ceil(scenario.duration.count())));
  for (std::size_t second = 0; second < rates.size(); ++second) {
    const SimSeconds middle{static_cast<double>(second) + 0.5};
    rates[second] = scenario.arrivals.RateAt(middle) * std::exp(x - noise.sigma * noise.sigma / 2);
    if (noise.sigma > 0) x = noise.rho * x + fresh * random.Normal();
  }
  return rates;
}

}  // namespace evenkeel
