// Plant: a service in front of its database, request by request (control.md § 5.1).
//
//   client ─> balancer ─> pod: event loop ─> pool ─> database ─> the same event loop ─> client
//
// A pod is one server, first come first served: the event loop. A request is a slice of work, a
// visit to the database and a second slice, each slice half of the work; without a database it is
// one slice. The loop knows when it will have done all that it was given, so a slice costs no event
// of its own: what is served in order can be computed on arrival (Lindley's recursion). A client
// gives up after 10 s; work that nobody waits for any more costs 0.5 ms.
//
// The plant has no clock and no scaler: it is told when pods come and go, and run up to a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "controller/simulate/event_queue.hpp"
#include "controller/simulate/ledger.hpp"
#include "controller/simulate/log_histogram.hpp"
#include "controller/simulate/random.hpp"
#include "controller/simulate/request_counters.hpp"
#include "controller/simulate/ring.hpp"
#include "controller/simulate/scenario.hpp"

namespace evenkeel {

using PodIndex = std::uint32_t;

class Plant {
 public:
  // What a client waits for an answer, s.
  static constexpr double kPatience = 10;

  // `rates` is the load per second (rate_table.hpp). All must outlive the plant.
  Plant(const Scenario& scenario, const std::vector<double>& rates, std::uint64_t seed);

  // Lets all happen that does up to `time`, which must not lie before the last one.
  void RunTo(SimSeconds time);

  // All of these act at the time that was last run to. `work_factor` is of the pod's release.
  PodIndex CreatePod(double work_factor);
  void MakeReady(PodIndex pod);  // for requests; cold at first
  void Drain(PodIndex pod);      // no new requests
  void End(PodIndex pod);        // what it was doing is lost
  [[nodiscard]] bool IsIdle(PodIndex pod) const { return pods_[pod].in_flight == 0; }

  void SetDatabaseFactor(double factor) { database_factor_ = factor; }
  void SetErrorFraction(double fraction) { error_fraction_ = fraction; }
  void SetWorkFactor(double factor) { work_factor_ = factor; }
  void SetPodFactor(PodIndex pod, double factor) { pods_[pod].slow_factor = factor; }

  // Totals of a pod since it began, at the time last run to.
  [[nodiscard]] double BusySeconds(PodIndex pod) const;
  [[nodiscard]] double AllBusySeconds() const;
  // Integral of its requests in flight over time, s.
  [[nodiscard]] double InFlightSeconds(PodIndex pod) const;
  [[nodiscard]] const RequestCounters& PodCounters(PodIndex pod) const {
    return pods_[pod].counters;
  }
  // The event loop's lag P99 since this was last asked, s, without what an idle loop shows.
  [[nodiscard]] double TakeLag(PodIndex pod);

  [[nodiscard]] const RequestCounters& IngressCounters() const { return ingress_; }
  [[nodiscard]] std::uint64_t InFlight() const;
  [[nodiscard]] std::uint64_t requests() const { return requests_; }
  [[nodiscard]] std::uint64_t arrivals() const { return arrivals_; }
  [[nodiscard]] const BucketBounds& bounds() const { return bounds_; }
  [[nodiscard]] Ledger& ledger() { return ledger_; }

 private:
  struct Request {
    double arrival = 0;
    double handler = 0;     // when its first slice began
    float second_work = 0;  // s, of a pod as new
    float visit = 0;        // s at the database, undisturbed
    PodIndex pod = 0;
    std::uint16_t ticket = 0;  // how often the slot was used
    std::uint8_t attempt = 0;
    bool waiting = false;  // for a connection
  };

  // A request that the event loop will have answered at `done`.
  struct Completion {
    double arrival = 0;
    double done = 0;
    float handler = 0;  // s after the arrival
    std::uint8_t attempt = 0;
    Ending ending = Ending::kServed;
  };

  struct Pod {
    double free = 0;   // when the loop will have done what it was given
    double given = 0;  // s of work, ever
    double cold_until = 0;
    double release_factor = 1;
    double slow_factor = 1;
    int connections = 0;  // in use
    Ring<std::uint32_t> waiting{};
    Ring<Completion> completions{};
    std::uint64_t in_flight = 0;
    double arrival_sum = 0;  // of the requests in flight
    double in_flight_seconds = 0;
    RequestCounters counters{};
    LogHistogram<3, std::uint16_t> backlog{};  // that arriving work found
    bool alive = false;                        // it was ready, and has not ended
    bool accepting = false;
  };

  struct Draw {
    float first_work = 0;
    float second_work = 0;
    float visit = 0;
  };

  struct Connection {  // of a sticky client
    PodIndex pod = 0;
    double until = 0;
  };

  // plant.cpp: requests.
  void DrawNextArrival();
  [[nodiscard]] Draw DrawWork(Random& random) const;
  void DrawSlices(Random& random, Draw& draw) const;
  void Arrive(const Draw& draw, std::uint8_t attempt);
  void Handle(const PlantEvent& event);
  void AcquireConnection(std::uint32_t slot);
  void BeginVisit(std::uint32_t slot);
  void StartService(std::uint32_t slot, double begin);
  [[nodiscard]] bool MayPassThrough(const Pod& pod) const;
  void EndVisit(std::uint32_t slot);
  void FreeConnection(Pod& pod);
  void SecondSlice(std::uint32_t slot);
  void AcquireLate(std::uint32_t slot);
  void FirstSlice(PodIndex index, const Draw& draw, std::uint8_t attempt);
  void Refuse(std::uint8_t attempt);

  // plant_pods.cpp: balancing, and what becomes of pods and of what they count.
  [[nodiscard]] PodIndex Choose();
  [[nodiscard]] PodIndex ChooseLeast();
  [[nodiscard]] PodIndex ChooseSticky();
  void Settle(PodIndex index);
  void SettleAll();
  void Answered(Pod& pod, const Completion& completion);
  void Leave(Pod& pod, double arrival, double at);
  void Fail(std::uint32_t slot, double at, bool counted_by_pod);
  void MaybeRetry(std::uint8_t attempt, double at);

  // How much longer the pod's work takes now.
  [[nodiscard]] double FactorOf(const Pod& pod) const {
    const double cold = now_ < pod.cold_until ? scenario_.pod.cold_factor : 1.0;
    return work_factor_ * pod.release_factor * pod.slow_factor * cold;
  }
  // Gives the loop work; returns when it begins.
  double Work(Pod& pod, double seconds) {
    const double begin = pod.free > now_ ? pod.free : now_;
    pod.free = begin + seconds;
    pod.given += seconds;
    return begin;
  }
  [[nodiscard]] std::uint32_t NewSlot(PodIndex pod, const Draw& draw, std::uint8_t attempt);
  void FreeSlot(std::uint32_t slot) { free_slots_.push_back(slot); }

  const Scenario& scenario_;
  const std::vector<double>& rates_;
  BucketBounds bounds_;
  Ledger ledger_;
  Random arrivals_random_;
  Random balancer_random_;
  Random errors_random_;
  Random retries_random_;

  double now_ = 0;
  double next_arrival_ = 0;
  double log_sigma_ = 0;
  EventQueue events_;
  std::vector<Pod> pods_;
  std::vector<PodIndex> ready_;
  std::vector<PodIndex> living_;
  std::uint32_t turn_ = 0;  // of round robin
  std::vector<Connection> connections_;
  std::vector<Request> slots_;
  std::vector<std::uint32_t> free_slots_;

  int database_busy_ = 0;
  Ring<std::uint32_t> database_queue_;
  double database_factor_ = 1;
  double error_fraction_ = 0;
  double work_factor_ = 1;

  RequestCounters ingress_;
  std::uint64_t arrivals_ = 0;  // first attempts
  std::uint64_t requests_ = 0;  // all attempts
  std::uint64_t retries_ = 0;
};

}  // namespace evenkeel
