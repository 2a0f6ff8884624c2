// The Prometheus client against a real Prometheus: every state of a reading, made to happen.
#include <algorithm>
#include <cstdio>

#include "controller/prometheus/planner.hpp"
#include "controller/runtime/fetcher.hpp"
#include "tests/controller/prometheus/needs.hpp"
#include "tests/integration/prometheus_server.hpp"
#include "tests/support/catch.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using namespace std::chrono_literals;

namespace {

using Elapsed = std::chrono::duration<double>;
constexpr std::chrono::seconds kWindow = 10s;  // ten scrapes

std::string Line(const std::string& series, double value) {
  char text[32];
  std::snprintf(text, sizeof text, " %.6f\n", value);
  return series + text;
}

// A histogram all of whose requests fall into the bucket that ends at `bound`.
std::string Histogram(const std::string& name, const std::string& labels, const std::string& bound,
                      double count) {
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
std::string CaddyPage(Elapsed since) {
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
std::string OldPage(Elapsed) {
  static const auto taken = std::chrono::system_clock::now() - 100s;
  const auto stamp =
      std::chrono::duration_cast<std::chrono::milliseconds>(taken.time_since_epoch());
  return "nodejs_eventloop_lag_p99_seconds 0.5 " + std::to_string(stamp.count()) + "\n";
}

std::map<std::string, Exporter::Page> Pages() {
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

PolicyNeeds NeedsFor(const std::string& name) {
  PolicyNeeds needs;
  needs.policy = {"shop", name};
  needs.target.name = name;
  needs.metrics.window = kWindow;
  for (const auto signal : {signal::kLatencyP99, signal::kErrorRate, signal::kRequestRate,
                            signal::kEventLoopLagP99, signal::kEventLoopUtilization}) {
    needs.needs.push_back({std::string(signal), 0s});
  }
  return needs;
}

PolicyNeeds Own(const std::string& promql) {
  PolicyNeeds needs = NeedsFor("own");
  needs.needs = {{"own", 0s}};
  needs.metrics.queries = {{"own", promql}};
  return needs;
}

Sources SourceAt(const std::string& url) {
  auto transport = MakeHttpTransport({.base_url = url});
  if (!transport) FAIL(transport.error().message);
  Sources sources;
  sources.emplace("default", *std::move(transport));
  return sources;
}

TimePoint Now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::vector<Dealt> Ask(Fetcher& fetcher, const std::vector<PolicyNeeds>& needs,
                       std::chrono::milliseconds deadline = 5s) {
  const Plan plan = PlanOf(needs, Now());
  return Deal(plan, fetcher.Fetch(plan, deadline, {}).answers);
}

Readings AskOne(Fetcher& fetcher, const PolicyNeeds& needs) {
  return Ask(fetcher, {needs}).front().readings;
}

// Asks until it holds, for at most a minute; returns the answer that showed it, or the last.
template <class Ask, class Condition>
auto Await(const Ask& ask, const Condition& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  auto answer = ask();
  while (!condition(answer) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(100ms);
    answer = ask();
  }
  return answer;
}

Readings AwaitReadings(Fetcher& fetcher, const PolicyNeeds& needs,
                       const std::function<bool(const Readings&)>& condition) {
  return Await([&] { return AskOne(fetcher, needs); }, condition);
}

bool AllValues(const Readings& readings) {
  return std::all_of(readings.begin(), readings.end(),
                     [](const auto& entry) { return entry.second.HasValue(); });
}

// Pods are scraped one after the other: the second may be known a moment later.
bool OfBothPods(const Readings& readings) {
  const Reading& elu = readings.Find(signal::kEventLoopUtilization);
  return AllValues(readings) && elu.pods && elu.pods->pods == 2;
}

auto Reads(std::string_view signal, ReadingState state) {
  return [signal, state](const Readings& readings) { return readings.Find(signal).state == state; };
}

}  // namespace

TEST_CASE("each state of a reading, from a real Prometheus") {
  const Exporter exporter(Pages());
  const PrometheusServer prometheus(exporter);
  Fetcher fetcher(SourceAt(prometheus.url()));

  // A Prometheus that has just begun to scrape knows a gauge, but no rate yet.
  const Readings young = AwaitReadings(fetcher, NeedsFor("checkout"),
                                       Reads(signal::kEventLoopLagP99, ReadingState::kValue));
  CHECK(young.Find(signal::kRequestRate).state == ReadingState::kUncovered);
  CHECK(young.Find(signal::kLatencyP99).state == ReadingState::kUncovered);
  CHECK(young.Find(signal::kErrorRate).state == ReadingState::kUncovered);
  CHECK(young.Find(signal::kEventLoopUtilization).state == ReadingState::kUncovered);

  const Readings readings = AwaitReadings(fetcher, NeedsFor("checkout"), OfBothPods);
  for (const auto& [name, reading] : readings) {
    CAPTURE(name, ToString(reading.state), reading.message);
    CHECK(reading.HasValue());
    CHECK(Now() - reading.sample_time < 20s);
  }
  CHECK(readings.Find(signal::kLatencyP99).value == Approx(0.1 + 0.99 * 0.15).epsilon(0.001));
  CHECK(readings.Find(signal::kErrorRate).value == Approx(0.1).epsilon(0.01));
  CHECK(readings.Find(signal::kRequestRate).value == Approx(40).epsilon(0.2));
  const Reading& lag = readings.Find(signal::kEventLoopLagP99);
  CHECK(lag.value == Approx(0.2));
  REQUIRE(lag.pods);
  CHECK(lag.pods->pods == 2);
  CHECK(lag.pods->max == Approx(0.3));
  CHECK(lag.pods->max_pod == "checkout-7d9f8c6b5-b2c4d");
  CHECK(readings.Find(signal::kEventLoopUtilization).value == Approx(0.5).epsilon(0.2));

  const Readings idle =
      AwaitReadings(fetcher, NeedsFor("idle"), Reads(signal::kRequestRate, ReadingState::kValue));
  CHECK(idle.Find(signal::kLatencyP99).state == ReadingState::kNoTraffic);
  CHECK(idle.Find(signal::kErrorRate).state == ReadingState::kNoTraffic);
  CHECK(idle.Find(signal::kRequestRate).HasValue());
  CHECK(idle.Find(signal::kRequestRate).value == 0);

  const Readings slow = AwaitReadings(fetcher, NeedsFor("slow"), AllValues);
  CHECK(slow.Find(signal::kLatencyP99).value == Approx(10));
  CHECK(slow.Find(signal::kLatencyP99).at_least);
  CHECK(slow.Find(signal::kErrorRate).HasValue());
  CHECK(slow.Find(signal::kErrorRate).value == 0);

  for (const auto& [name, reading] : AskOne(fetcher, NeedsFor("gone"))) {
    CAPTURE(name);
    CHECK(reading.state == ReadingState::kNoData);
    CHECK_THAT(reading.message, Catch::Contains("namespace=\"shop\",pod=~\"(?:gone)-"));
  }

  const Readings old = AskOne(fetcher, NeedsFor("old"));
  CHECK(old.Find(signal::kEventLoopLagP99).state == ReadingState::kStale);
  CHECK(old.Find(signal::kRequestRate).state == ReadingState::kStale);

  PolicyNeeds behind_caddy = NeedsFor("checkout");
  behind_caddy.metrics.latency_preset = "caddy";
  behind_caddy.needs.push_back({std::string(signal::kInFlight), 0s});
  const Readings caddy = AwaitReadings(fetcher, behind_caddy, AllValues);
  CHECK(caddy.Find(signal::kErrorRate).value == Approx(0.5).epsilon(0.01));
  CHECK(caddy.Find(signal::kRequestRate).value == Approx(40).epsilon(0.2));
  CHECK(caddy.Find(signal::kLatencyP99).value == Approx(0.1 + 0.99 * 0.15).epsilon(0.001));
  CHECK(caddy.Find(signal::kInFlight).value == 7);
  CHECK(caddy.Find(signal::kEventLoopLagP99).value == Approx(0.2));
}

TEST_CASE("own queries: a value, NaN, several series, a range, a syntax error with its text") {
  const Exporter exporter(Pages());
  const PrometheusServer prometheus(exporter);
  Fetcher fetcher(SourceAt(prometheus.url()));
  const auto own = [&](const std::string& promql) {
    return AskOne(fetcher, Own(promql)).Find("own");
  };

  CHECK(own("vector(42)").value == 42);
  CHECK(own("42").value == 42);
  CHECK(own("vector(0) / 0").state == ReadingState::kNotANumber);
  CHECK(own("nothing_of_that_name").state == ReadingState::kNoData);
  CHECK(own("label_replace(vector(1), \"a\", \"b\", \"\", \"\") or vector(2)").state ==
        ReadingState::kAmbiguous);
  CHECK(own("up[1m]").state == ReadingState::kFailed);
  const Reading broken = own("sum(");
  CHECK(broken.state == ReadingState::kFailed);
  CHECK_THAT(broken.message, Catch::Contains("parse error: unclosed left parenthesis"));

  const auto dealt = Ask(fetcher, {Own("sum("), Own("vector(7)")});
  CHECK(dealt[0].readings.Find("own").state == ReadingState::kFailed);
  CHECK(dealt[1].readings.Find("own").value == 7);
}

TEST_CASE("a hostile match value is a value: it selects nothing and breaks nothing") {
  const Exporter exporter(Pages());
  const PrometheusServer prometheus(exporter);
  Fetcher fetcher(SourceAt(prometheus.url()));
  PolicyNeeds hostile = NeedsFor("checkout");
  hostile.metrics.match = {{"pod", "\"} or {namespace=\"bank\\"}};
  PolicyNeeds other = hostile;
  other.metrics.match = {{"pod", ".*|("}};
  for (const Dealt& dealt : Ask(fetcher, {hostile, other})) {
    for (const auto& [name, reading] : dealt.readings) {
      CAPTURE(name, reading.message);
      CHECK(reading.state == ReadingState::kNoData);
    }
  }
}

TEST_CASE("Prometheus restarted empty is uncovered until its window has filled, never low") {
  const Exporter exporter(Pages());
  PrometheusServer prometheus(exporter);
  Fetcher fetcher(SourceAt(prometheus.url()));
  const PolicyNeeds needs = NeedsFor("checkout");
  REQUIRE(AllValues(AwaitReadings(fetcher, needs, AllValues)));

  prometheus.RestartEmpty();
  bool uncovered = false;
  const Readings filled = AwaitReadings(fetcher, needs, [&](const Readings& readings) {
    const Reading& rate = readings.Find(signal::kRequestRate);
    uncovered = uncovered || rate.state == ReadingState::kUncovered;
    return rate.HasValue();
  });
  CHECK(uncovered);
  CHECK(filled.Find(signal::kRequestRate).value == Approx(40).epsilon(0.2));
}

TEST_CASE("a Prometheus that hangs fails by the deadline; after the gap rates are uncovered") {
  const Exporter exporter(Pages());
  const PrometheusServer prometheus(exporter);
  Fetcher fetcher(SourceAt(prometheus.url()));
  const PolicyNeeds needs = NeedsFor("checkout");
  REQUIRE(AllValues(AwaitReadings(fetcher, needs, AllValues)));

  prometheus.Pause();
  const auto paused = std::chrono::steady_clock::now();
  const auto dealt = Ask(fetcher, {needs}, 300ms);
  CHECK(std::chrono::steady_clock::now() - paused < 5s);
  for (const auto& [name, reading] : dealt.front().readings) {
    CAPTURE(name, reading.message);
    CHECK(reading.state == ReadingState::kFailed);
    CHECK_THAT(reading.message, Catch::Contains("source \"default\""));
  }
  std::this_thread::sleep_until(paused + kWindow);  // the gap itself
  prometheus.Resume();

  Fetcher fresh(SourceAt(prometheus.url()));
  bool uncovered = false;
  const Readings after = AwaitReadings(fresh, needs, [&](const Readings& readings) {
    const Reading& rate = readings.Find(signal::kRequestRate);
    uncovered = uncovered || rate.state == ReadingState::kUncovered;
    return rate.HasValue();
  });
  CHECK(uncovered);
  CHECK(after.Find(signal::kRequestRate).value == Approx(40).epsilon(0.2));
}

TEST_CASE("a look-back is a series of the past") {
  const Exporter exporter(Pages());
  const PrometheusServer prometheus(exporter);
  Fetcher fetcher(SourceAt(prometheus.url()));
  PolicyNeeds needs = NeedsFor("checkout");
  REQUIRE(OfBothPods(AwaitReadings(fetcher, needs, OfBothPods)));
  needs.needs = {{std::string(signal::kLatencyP99), 60s},
                 {std::string(signal::kEventLoopUtilization), 60s}};
  // Its points lie on multiples of its step: the last may be of before the first rate was known.
  using SeriesByName = decltype(Dealt::series);
  const auto ask = [&] { return Ask(fetcher, {needs}).front().series; };
  const auto filled = [](const SeriesByName& all) {
    return all.size() == 2 && std::none_of(all.begin(), all.end(),
                                           [](const auto& entry) { return entry.second.empty(); });
  };
  const SeriesByName series = Await(ask, filled);
  REQUIRE(filled(series));
  CHECK(series.at(std::string(signal::kLatencyP99)).back().value == Approx(0.2485).epsilon(0.001));
  CHECK(series.at(std::string(signal::kEventLoopUtilization)).back().value ==
        Approx(0.5).epsilon(0.2));
}
