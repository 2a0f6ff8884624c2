#include "policies/slo_in_flight.hpp"

#include <chrono>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/slo_loops.hpp"

namespace evenkeel::slo {
namespace {

using std::chrono::seconds;
using test::Blind;
using test::Later;
using test::Loops;

// One more turn of 15 s, after which so many requests are in flight.
Demand Piled(Loops& loops, double rate, double in_flight) {
  loops.With(signal::kRequestRate, rate);
  loops.With(signal::kInFlight, in_flight);
  return loops.Turn(std::vector(4, 1.0), std::vector(4, 0.010));
}

TEST_CASE("demand: with requests in flight, an overload shows all that came") {
  Loops loops(4);
  loops.With(signal::kRequestRate, 200);
  loops.Steady(0.5);
  loops.With(signal::kInFlight, 10);
  loops.Steady(0.5, 1);
  Loops unknown = loops;
  unknown.readings.erase(std::string(signal::kInFlight));
  // 15 s at 600/s, of which 400/s were served.
  CHECK(Piled(loops, (30 * 200 + 15 * 400) / 45.0, 3010).ahead == Approx(6).epsilon(0.01));
  CHECK(unknown.Turn(std::vector(4, 1.0), std::vector(4, 0.010)).ahead == Approx(4).epsilon(0.01));
  // And then 15 s at 600/s, of which 500/s were served, while 100/s gave up.
  const double second = (15 * 200 + 15 * 400 + 15 * 500) / 45.0;
  CHECK(Piled(loops, second, 3010).ahead == Approx(6).epsilon(0.01));
}

// 15 s at 600/s, of which so many were served, per second.
void Serve(Loops& loops, std::vector<double>& served, double& in_flight, double per_second) {
  served.push_back(per_second);
  in_flight += 15 * (600 - per_second);
  double last = 0;
  for (std::size_t i = served.size() - 3; i < served.size(); ++i) last += served[i];
  Piled(loops, last / 3, in_flight);
}

TEST_CASE("demand: with requests in flight, those of a backlog that drains are nothing new") {
  Loops loops(4);
  loops.With(signal::kRequestRate, 200);
  loops.With(signal::kInFlight, 10);
  loops.Steady(0.5);
  CHECK(loops.Steady(0.5, 1).model.in_flight.size() == 1);  // statuses are kept small
  std::vector<double> served{200, 200, 200};
  double in_flight = 10;
  Loops unknown = loops;
  for (const double per_second : {400, 400, 800, 800, 600, 600}) {
    Serve(loops, served, in_flight, per_second);
    CAPTURE(in_flight);
    CHECK(loops.Estimate().model.surge == Approx(6).epsilon(0.01));
    unknown.With(signal::kRequestRate, loops.readings.at(std::string(signal::kRequestRate)).value);
    unknown.readings.erase(std::string(signal::kInFlight));
    unknown.Turn(std::vector(4, 1.0), std::vector(4, 0.010));
  }
  CHECK(unknown.Estimate().model.surge > 7);
  CHECK(loops.Estimate().model.in_flight.size() == 5);
}

TEST_CASE("demand: where all that came is counted, a small rise is one and a wobble is none") {
  Loops loops = Blind(600, 5, seconds(120));
  const auto turn = [&](double in_flight) {
    loops.With(signal::kInFlight, in_flight);
    return Later(loops, 600).now;
  };
  loops.With(signal::kInFlight, 1000);
  CHECK(turn(1000) == Approx(6));
  CHECK(turn(1000 + 15 * 20) == Approx(6));    // 620/s came
  CHECK(turn(1300 + 15 * 50) == Approx(6.5));  // 650/s
}

// Late in a scrape's interval the load trebles: utilization hardly shows it yet.
TEST_CASE("demand: requests that pile up at hot loops are an overload before a scrape shows it") {
  const auto after = [](double busy, double lag, double in_flight) {
    Loops loops(4);
    loops.With(signal::kRequestRate, 200);
    loops.With(signal::kInFlight, 10);
    loops.Steady(0.5);
    loops.With(signal::kInFlight, in_flight);
    return loops.Turn(std::vector(4, busy), std::vector(4, lag));
  };
  CHECK(after(0.6, 0.150, 4510).overload);
  CHECK(after(0.6, 0.150, 4510).ahead == Approx(5).epsilon(0.05));
  CHECK_FALSE(after(0.6, 0.150, 1000).overload);  // within what the loops can do
  CHECK_FALSE(after(0.5, 0.010, 4510).overload);  // cold loops: they wait downstream
}

}  // namespace
}  // namespace evenkeel::slo
