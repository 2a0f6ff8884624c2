// Telemetry: the Prometheus of the simulator. It scrapes pods and ingress, each in its own phase,
// and answers what the presets' queries ask; the answers are judged by the production's judge
// (prometheus/judge.hpp), so that every state of a reading comes about as in production.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "controller/prometheus/judge.hpp"
#include "controller/simulate/plant.hpp"
#include "controller/simulate/request_counters.hpp"
#include "controller/simulate/scenario.hpp"
#include "controller/simulate/scrapes.hpp"
#include "policies/policy.hpp"
#include "policies/reading.hpp"

namespace evenkeel {

class Telemetry {
 public:
  explicit Telemetry(const Scenario& scenario);

  // A scrape of that target at `at`; fails where nothing can be scraped. While Prometheus is down
  // nothing is even tried.
  void ScrapeIngress(double at, const Plant& plant);
  // A pod answers in its own time: Collect takes what was answered until now, with the time at
  // which its scrape began; call EndScrape when its time-out is over. Returns whether it was tried.
  bool ScrapePod(double at, PodIndex pod, Plant& plant);
  void Collect(Plant& plant);
  // Without an answer the pod's series end when the scrape began.
  void EndScrape(double begun, PodIndex pod);
  void ForgetPod(double at, PodIndex pod);
  void SetReachable(bool reachable) { reachable_ = reachable; }
  void SetDown(bool down) { down_ = down; }

  // One reading per need, as of `now`; samples take a second to be seen.
  [[nodiscard]] Readings Answer(std::span<const Need> needs, std::chrono::seconds window,
                                TimePoint now) const;
  // The same of a past time, with what was scraped until then.
  [[nodiscard]] Readings AnswerOf(std::span<const Need> needs, std::chrono::seconds window,
                                  TimePoint then) const;

  // "pod-7"
  [[nodiscard]] static std::string NameOf(PodIndex pod);

 private:
  struct IngressValues {
    RequestCounters counters{};
    double in_flight = 0;
  };
  struct Range {
    double begin = 0;  // of the window,
    double end = 0;    // s of simulated time
    JudgeContext context{};
  };

  [[nodiscard]] Reading Read(const std::string& signal, Range range) const;
  [[nodiscard]] Reading ReadOfRequests(const std::string& signal, const Range& range) const;
  [[nodiscard]] Reading ReadPods(bool utilization, const Range& range) const;
  [[nodiscard]] Reading ReadInFlight(const Range& range) const;
  [[nodiscard]] Parts Traffic(const Range& range) const;
  [[nodiscard]] std::array<double, kBuckets> BucketRates(const Range& range) const;
  // The sum over all series that count requests; nothing if none has a rate.
  template <class Get>
  [[nodiscard]] std::optional<double> SumOfRates(const Range& range, const Get& get) const;
  [[nodiscard]] std::optional<double> LatencyP99(const Range& range) const;
  [[nodiscard]] std::optional<double> BadRatio(const Range& range) const;

  const Scenario& scenario_;
  std::array<double, kBuckets - 1> bounds_{};
  bool reachable_ = true;
  bool down_ = false;
  Scrapes<IngressValues> ingress_;
  std::map<PodIndex, Scrapes<Plant::Metrics>> pods_;
};

}  // namespace evenkeel
