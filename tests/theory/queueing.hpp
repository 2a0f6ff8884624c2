// Exact results of queueing theory that the plant is held against. Times in seconds.
#pragma once

#include <functional>

namespace evenkeel::test {

// Mean and 99th percentile of the time in the system.
struct Sojourn {
  double mean = 0;
  double p99 = 0;
};

// Kleinrock, Queueing Systems I, § 3.2: the time is exponential.
Sojourn MM1(double arrivals, double service);

// Pollaczek and Khinchine. The distribution of the wait is a geometric sum of residual services,
// summed on a lattice (Panjer's recursion); `exceeds(t)` is P(service > t), `variation` its c².
Sojourn MG1(double arrivals, double service, double variation,
            const std::function<double(double)>& exceeds);

// Erlang C.
Sojourn MMc(double arrivals, double service, int servers);

// The share of customers lost that leave after waiting for `patience` (Barrer, Operations Research
// 5 (1957): M/M/c+D).
double LostByPatience(double arrivals, double service, int servers, double patience);

// P(X > t) of a log-normal with that mean and squared coefficient of variation.
double LogNormalExceeds(double t, double mean, double variation);

}  // namespace evenkeel::test
