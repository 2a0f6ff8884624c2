#include "policies/slo_target.hpp"

#include <chrono>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"

namespace evenkeel::slo {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// A service at rest, with an objective of 250 ms.
struct Service {
  TargetSpec target{1, 100, {std::chrono::milliseconds(250), 0.01, {}, {}}, seconds(60)};
  TargetState state{.spec_replicas = 10, .status_replicas = 10, .ready = 10};
  Readings readings;
  TimePoint now{seconds(1'800'000'000)};
  Memory memory;

  Service() {
    memory.size = Mark{now - hours(1), 10};
    With(signal::kRequestRate, 400);
    With(signal::kErrorRate, 0);
    With(signal::kLatencyP99, 0.1);
    With(signal::kEventLoopLagP99, 0.010);
  }
  void With(std::string_view name, double value) {
    readings.insert_or_assign(std::string(name), Reading::Value(value, now));
  }
  // One more reading, `late` being the share of the requests that were slower than the objective.
  void Learn(double busy, double late, seconds after = seconds(15)) {
    now += after;
    With(signal::kEventLoopUtilization, busy);
    With(signal::kBadRatio, late);
    if (!memory.model) memory.model = Model{};
    memory.model->at = memory.model->calm = now;
    memory.model->busy = busy;
    static const std::map<std::string, Series, std::less<>> kNoSeries;
    const nlohmann::json before = ToJson(memory);
    LearnLate(Look({now, target, state, readings, kNoSeries, {}, before}), memory);
  }
  void Repeat(int readings_, double busy, double late) {
    for (int i = 0; i < readings_; ++i) Learn(busy, late);
  }
  [[nodiscard]] double Target() const { return TargetUtilization(memory, now); }
};

// Of an M/M/1 queue: the share of requests that take longer than t, by its mean work.
double LateAt(double busy, double work, double t) { return std::exp(-(1 - busy) * t / work); }

TEST_CASE("target: until enough was seen it is 0.60") {
  Service service;
  CHECK(service.Target() == Approx(0.60));
  service.Repeat(44, 0.6, 0);
  CHECK(service.Target() == Approx(0.60));
  service.Repeat(6, 0.6, 0);
  CHECK(service.Target() == Approx(0.70));
}

TEST_CASE("target: of an M/M/1 queue, where two of a thousand requests are late") {
  for (const double work : {0.014, 0.016, 0.018}) {
    CAPTURE(work);
    const double exact = 1 + std::log(0.002) * work / 0.25;
    for (const double busy : {0.40, 0.50, 0.60}) {
      Service service;
      service.Repeat(100, busy, LateAt(busy, work, 0.25));
      CHECK(std::abs(service.Target() - exact) < 0.005);
    }
  }
}

TEST_CASE("target: what was never late counts by how many requests that were") {
  Service few;
  few.With(signal::kRequestRate, 0.2);
  few.Repeat(60, 0.55, 0);
  CHECK(few.Target() < 0.60);  // 155 requests: one of them might have been late
  Service many;
  many.Repeat(60, 0.55, 0);
  CHECK(many.Target() == Approx(0.70));
}

TEST_CASE("target: it stays within 0.50 and 0.70") {
  Service slow;
  slow.Repeat(60, 0.3, 0.009);
  CHECK(slow.Target() == Approx(0.50));
  Service hopeless;
  hopeless.Repeat(60, 0.3, 0.9);
  CHECK(hopeless.Target() == Approx(0.50));
  Service idle;
  idle.Repeat(60, 0.1, 0);
  CHECK(idle.Target() < 0.60);  // what is seen at 0.10 tells little of 0.60
}

TEST_CASE("target: only a service at rest teaches") {
  const std::map<std::string, std::function<void(Service&)>> restless = {
      {"errors", [](Service& s) { s.With(signal::kErrorRate, 0.02); }},
      {"late elsewhere", [](Service& s) { s.With(signal::kLatencyP99, 0.5); }},
      {"a pod starts", [](Service& s) { s.state.pending = 1; }},
      {"a rollout", [](Service& s) { s.state.rollout_in_progress = true; }},
      {"a new size", [](Service& s) { s.memory.size = Mark{s.now - seconds(104), 10}; }},
      {"another size", [](Service& s) { s.memory.size->from = 9; }},
      {"no size known", [](Service& s) { s.memory.size.reset(); }},
      {"a backlog", [](Service& s) { s.memory.queue = s.now; }},
      {"no rate", [](Service& s) { s.readings.erase(std::string(signal::kRequestRate)); }},
  };
  for (const auto& [name, disturb] : restless) {
    CAPTURE(name);
    Service service;
    disturb(service);
    service.Learn(0.6, 0.001);
    CHECK_FALSE(service.memory.late);
  }
  Service extreme;
  extreme.Learn(0.05, 0);
  extreme.Learn(0.90, 0.01);
  CHECK_FALSE(extreme.memory.late);
  Service calm;
  calm.Learn(0.6, 0.001);
  CHECK(calm.memory.late->weight == Approx(1));
}

TEST_CASE("target: readings count by the time between them") {
  Service often;
  for (int i = 0; i < 61; ++i) often.Learn(0.6, 0.001, seconds(5));
  Service seldom;
  seldom.Repeat(21, 0.6, 0.001);
  CHECK(often.memory.late->weight == Approx(seldom.memory.late->weight).epsilon(0.01));
  CHECK(often.memory.late->requests == Approx(seldom.memory.late->requests).epsilon(0.01));
}

TEST_CASE("target: overloads lower it, and time forgives them") {
  Service service;
  service.Repeat(60, 0.6, 0);
  Regret(service.memory, service.now);
  CHECK(service.Target() == Approx(0.65));
  for (int i = 0; i < 10; ++i) Regret(service.memory, service.now);
  CHECK(service.Target() == Approx(0.50));
  service.now += hours(5);
  CHECK(service.Target() == Approx(0.60));
  service.now += hours(50);
  CHECK(service.Target() == Approx(0.70));
}

}  // namespace
}  // namespace evenkeel::slo
