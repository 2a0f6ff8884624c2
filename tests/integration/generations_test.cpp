// Where Prometheus 2 and 3 answer differently, and what we make of it.
#include <chrono>
#include <cstddef>
#include <string>

#include "controller/prometheus/query.hpp"
#include "controller/runtime/http_transport.hpp"
#include "tests/integration/asking.hpp"
#include "tests/integration/pages.hpp"
#include "tests/integration/prometheus_server.hpp"
#include "tests/support/catch.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using namespace std::chrono_literals;

namespace {

// What is known to differ, as the tests meet it.
template <class Generation>
struct Expected;
template <>
struct Expected<Prometheus2> {
  static constexpr const char* kBound = "10";      // as the exporter wrote it
  static constexpr int kSamplesOfFiveSeconds = 6;  // both ends of the range count
  static constexpr bool kNotes = false;
};
template <>
struct Expected<Prometheus3> {
  static constexpr const char* kBound = "10.0";
  static constexpr int kSamplesOfFiveSeconds = 5;
  static constexpr bool kNotes = true;
};

QueryResult Query(const PrometheusServer& server, const std::string& promql, TimePoint time) {
  const auto transport = MakeHttpTransport({.base_url = server.url()});
  if (!transport) FAIL(transport.error().message);
  const auto response = (*transport)->Send(InstantQuery(promql, time, 5s), {});
  if (!response) FAIL(response.error().message);
  const auto result = ParseQueryResponse(*response);
  if (!result) FAIL(result.error().message);
  return *result;
}

double ValueOf(const QueryResult& result) {
  return result.series.size() == 1 ? result.series.front().samples.front().value : -1;
}

// Samples of whole seconds, whenever the scrape comes.
std::string OnTheSecond(Elapsed) {
  const auto second = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return "on_the_second 1 " + std::to_string(second.time_since_epoch().count()) + "000\n";
}

}  // namespace

TEMPLATE_TEST_CASE(
    "generations differ in le, in ranges and in notes, and a partial answer is neither", "",
    Prometheus2, Prometheus3) {
  using Expect = Expected<TestType>;
  auto pages = Pages();
  pages.emplace("/shop/on-the-second", OnTheSecond);
  const Exporter exporter(pages);
  const PrometheusServer prometheus(TestType::Kind(), exporter.targets());

  const std::string bound = std::string(R"(count(http_request_duration_seconds_bucket{le=")") +
                            Expect::kBound + "\"}) > 0";
  CHECK(Await([&] { return Query(prometheus, bound, Now()).series.size(); },
              [](std::size_t series) { return series == 1; }) == 1);

  const auto newest =
      Await([&] { return Query(prometheus, "on_the_second[7s]", Now()); },
            [](const QueryResult& result) {
              return result.series.size() == 1 && result.series.front().samples.size() >= 7;
            });
  REQUIRE(newest.series.size() == 1);
  const TimePoint edge = newest.series.front().samples.back().time;
  REQUIRE(edge.time_since_epoch() % 1s == 0ms);
  CHECK(ValueOf(Query(prometheus, "count_over_time(on_the_second[5s])", edge)) ==
        Expect::kSamplesOfFiveSeconds);

  for (const std::string promql :
       {"rate(nodejs_eventloop_lag_p99_seconds[10s])", "histogram_quantile(0.99, up)"}) {
    CAPTURE(promql);
    const QueryResult noted = Query(prometheus, promql, Now());
    CHECK(noted.notes.empty() != Expect::kNotes);
    CHECK(noted.partial.empty());
  }
}

TEMPLATE_TEST_CASE("asked at the very time of a sample, every signal is a value and the same", "",
                   Prometheus2, Prometheus3) {
  const Exporter exporter(Pages());
  const PrometheusServer prometheus(TestType::Kind(), exporter.targets());
  Fetcher fetcher(SourceAt(prometheus.url()));
  const PolicyNeeds needs = NeedsFor("checkout");
  REQUIRE(AllValues(AwaitReadings(fetcher, needs, OfBothPods)));

  const TimePoint edge = AskOne(fetcher, needs).Find(signal::kRequestRate).sample_time;
  const Readings readings = AskAt(edge, fetcher, {needs}).front().readings;
  for (const auto& [name, reading] : readings) {
    CAPTURE(name, reading.message);
    CHECK(reading.HasValue());
  }
  CHECK(readings.Find(signal::kRequestRate).sample_time == edge);
  CHECK(readings.Find(signal::kRequestRate).value == Approx(40).epsilon(0.02));
  CHECK(readings.Find(signal::kLatencyP99).value == Approx(0.1 + 0.99 * 0.15).epsilon(0.001));
}
