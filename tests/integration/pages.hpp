// Metrics pages of a shop: pods of Node.js services, and a proxy. What they read as is in their
// numbers.
#pragma once

#include <chrono>
#include <cstdio>
#include <map>
#include <string>

#include "tests/integration/prometheus_server.hpp"

namespace evenkeel::test {

using Elapsed = std::chrono::duration<double>;

inline std::string Line(const std::string& series, double value) {
  char text[32];
  std::snprintf(text, sizeof text, " %.6f\n", value);
  return series + text;
}

// A histogram all of whose requests fall into the bucket that ends at `bound`.
inline std::string Histogram(const std::string& name, const std::string& labels,
                             const std::string& bound, double count) {
  std::string page;
  bool reached = false;
  for (const std::string le : {"0.1", "0.25", "10", "+Inf"}) {
    reached = reached || le == bound;
    page += Line(name + "_bucket{" + labels + ",le=\"" + le + "\"}", reached ? count : 0);
  }
  return page + Line(name + "_sum{" + labels + "}", 0) +
         Line(name + "_count{" + labels + "}", count);
}

// A pod of a Node.js service: requests per second, share of errors, ELU, lag.
struct Pod {
  double rate = 0;
  double errors = 0;
  double elu = 0;
  double lag = 0.010;
  std::string bound = "0.25";
  std::string first = "1000";  // requests before the test

  std::string operator()(Elapsed since) const {
    const std::string name = "http_request_duration_seconds";
    const double count = std::stod(first) + rate * since.count();
    const std::string route = R"(method="GET",route="/work",)";
    return "# TYPE " + name + " histogram\n" +
           Histogram(name, route + R"(status_code="200")", bound, count * (1 - errors)) +
           Histogram(name, route + R"(status_code="503")", bound, count * errors) +
           Histogram(name, R"(method="GET",route="/healthz",status_code="200")", "0.1",
                     100 * since.count()) +
           Line("nodejs_eventloop_lag_p99_seconds", lag) +
           Line("nodejs_eventloop_active_seconds_total", elu * since.count());
  }
};

// Caddy in front of a service: 40 requests a second, 10 of them answered 500 by it, and 10 more
// that the proxy itself failed.
inline std::string CaddyPage(Elapsed since) {
  const std::string name = "caddy_http_request_duration_seconds";
  const std::string server = R"(server="shop/checkout",service="checkout",handler="reverse_proxy")";
  const double t = since.count();
  return "# TYPE " + name + " histogram\n" +
         Histogram(name, server + R"(,code="200")", "0.25", 20 * t) +
         Histogram(name, server + R"(,code="500")", "0.25", 10 * t) +
         Line("caddy_http_requests_total{" + server + "}", 40 * t) +
         Line("caddy_http_request_errors_total{" + server + "}", 10 * t) +
         Line("caddy_http_requests_in_flight{" + server + "}", 7);
}

// An exporter that repeats a sample which it took 100 s ago, as a federation or a bridge may do.
inline std::string OldPage(Elapsed) {
  static const auto taken = std::chrono::system_clock::now() - std::chrono::seconds(100);
  const auto stamp =
      std::chrono::duration_cast<std::chrono::milliseconds>(taken.time_since_epoch());
  return "nodejs_eventloop_lag_p99_seconds 0.5 " + std::to_string(stamp.count()) + "\n";
}

inline std::map<std::string, Exporter::Page> Pages() {
  return {
      {"/shop/checkout-7d9f8c6b5-b2c4d", Pod{.rate = 30, .errors = 0.1, .elu = 0.8, .lag = 0.310}},
      {"/shop/checkout-7d9f8c6b5-x5x6z", Pod{.rate = 10, .errors = 0.1, .elu = 0.2, .lag = 0.110}},
      {"/shop/checkout-worker-7d9f8c6b5-b2c4d", Pod{.rate = 1000, .elu = 1, .lag = 5}},
      {"/bank/checkout-7d9f8c6b5-b2c4d", Pod{.rate = 2000, .elu = 1, .lag = 9}},
      {"/shop/idle-7d9f8c6b5-b2c4d", Pod{.rate = 0}},
      {"/shop/slow-7d9f8c6b5-b2c4d", Pod{.rate = 20, .bound = "+Inf"}},
      {"/shop/old-7d9f8c6b5-b2c4d", OldPage},
      {"/shop/caddy", CaddyPage},
  };
}

}  // namespace evenkeel::test
