// Plant: a service in front of its database, request by request (control.md § 5.1).
//
//   client ─> balancer ─> pod: event loop ─> pool ─> database ─> the same event loop ─> client
//
// A pod is one server: the event loop (event_loop.hpp). A request is a slice of work, a visit to
// the database and a second slice, each slice half of the work; without a database it is one slice.
// The loop knows when it will have done all that it was given, so a slice costs no event of its
// own.
//
// Connections. The balancer is a proxy that puts a request on an idle connection to the pod, or on
// a new one where none is idle. A new one waits to be accepted, and libuv (since 1.45, in Node.js
// since 20) accepts one in an iteration, to be read in the next. So a pod with enough connections
// serves what arrives in order, while one under more load than ever before serves the requests on
// its old connections after one iteration each, and lets new ones wait: with 100 requests on kept
// connections and 20 on new ones during a block of a second, Node 20.20 served the 100 in one
// iteration and the 20 in one each. Node closes a connection that was idle for `keepAlive`
// (http.Server.keepAliveTimeout, by default 5 s), and proxies take the one that was used last (Go's
// Transport, nginx): those that only a peak needed are gone at the next one. So after an overload,
// while the pod still works off connections whose clients have left, a part of its requests goes on
// starving: of a Node 20.20 behind Caddy that was slow for 210 s, a tenth still timed out 140 s
// later. Where `backlog` connections wait to be accepted (by default Node's 511), the kernel drops
// the next (net.ipv4.tcp_abort_on_overflow=0), and its request never gets there.
//
// Giving up. A client waits for 10 s; then the proxy closes the connection, which returns to no
// pool. The pod learns of it when it has read the request, which lay in the socket's buffer, and a
// handler as usually written does not ask: first slice, visit and second slice are all made (Node
// 20.20 ran both slices of requests whose client had left while the loop was blocked, on
// connections accepted or not, closed by FIN or RST). What it answers then counts as no error to
// the pod.
//
// Scrapes. GET /metrics is a request like any other, and its answer tells what was so when its
// handler began, which in a backlogged pod may be long after the scrape did.
//
// The plant has no clock and no scaler: it is told when pods come and go, and run up to a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "controller/simulate/event_loop.hpp"
#include "controller/simulate/event_queue.hpp"
#include "controller/simulate/ledger.hpp"
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
  void SetPodFactor(PodIndex pod, double factor);  // also of what it has begun

  // Totals of a pod since it began, at the time last run to.
  [[nodiscard]] double BusySeconds(PodIndex pod) const;
  [[nodiscard]] double AllBusySeconds() const;
  // Integral of its requests in flight over time, s.
  [[nodiscard]] double InFlightSeconds(PodIndex pod) const;
  [[nodiscard]] const RequestCounters& PodCounters(PodIndex pod) const {
    return pods_[pod].counters;
  }

  // What a pod says of itself.
  struct Metrics {
    RequestCounters counters{};
    double busy = 0;  // BusySeconds
    double lag = 0;   // EventLoop::TakeDelay
  };
  struct ScrapeAnswer {
    PodIndex pod = 0;
    double begun = 0;
    double collected = 0;
    Metrics metrics{};
  };
  // Begins a scrape of a ready or draining pod. One that takes longer than its time-out has its
  // connection closed, but costs its work all the same, and empties the histogram of the delay.
  void Scrape(PodIndex pod);
  // Those answered in time, and not yet taken.
  [[nodiscard]] std::vector<ScrapeAnswer> TakeScrapes();

  [[nodiscard]] const RequestCounters& IngressCounters() const { return ingress_; }
  [[nodiscard]] std::uint64_t InFlight() const;
  [[nodiscard]] std::uint64_t requests() const { return requests_; }
  [[nodiscard]] std::uint64_t arrivals() const { return arrivals_; }
  [[nodiscard]] const BucketBounds& bounds() const { return bounds_; }
  [[nodiscard]] Ledger& ledger() { return ledger_; }

 private:
  // Why a request had no good answer. A pool's time-out is the pod's own error and the proxy's; a
  // pod that ended is the proxy's. A client that left is nobody's: proxies count it, late, but not
  // among the errors (caddy as status 200, nginx as 499).
  enum class Cause { kPoolTimeout, kPodEnded, kClientLeft };

  static constexpr std::uint32_t kNoSlot = 0xFFFFFFFF;
  static constexpr std::uint32_t kScrapeSlot = kNoSlot - 1;

  enum class Stage : std::uint8_t {
    kAwaited,      // its client waits, and the pod has not done all of its work
    kAbandoned,    // the pod has not, but nobody waits for it any more
    kOnlyAwaited,  // no answer will come before the client gives up
    kOver,
  };

  struct Request {
    double arrival = 0;
    double handler = 0;    // when its first slice began
    float first_work = 0;  // s, of a pod as new
    float second_work = 0;
    float visit = 0;  // s at the database, undisturbed
    PodIndex pod = 0;
    std::uint16_t ticket = 0;  // how often the slot was used
    std::uint8_t attempt = 0;
    Stage stage = Stage::kOver;
    bool waiting = false;  // for a connection to the database
    bool failing = false;  // at once, by an `errors` event
    bool has_end = false;  // an event tells when its client gives up
  };

  // A request that the event loop will have answered at `done`.
  struct Completion {
    double arrival = 0;
    double done = 0;
    float handler = 0;  // s after the arrival
    std::uint8_t attempt = 0;
    Ending ending = Ending::kServed;
    bool abandoned = false;  // the answer comes too late for its client
  };

  // Prometheus' side of a pod.
  struct Scraper {
    double begun = 0;
    double connected_until = -1;
    std::uint32_t ticket = 0;   // of the newest scrape
    std::uint32_t waiting = 0;  // scrapes whose connection waits to be accepted
  };

  struct Pod {
    EventLoop loop{};
    double cold_until = 0;
    double release_factor = 1;
    double slow_factor = 1;
    std::vector<double> idle{};        // connections from the proxy: since when, ascending
    Ring<std::uint32_t> backlog{};     // connections that wait to be accepted: slots, kScrapeSlot
    std::uint32_t accepted = kNoSlot;  // in the iteration under way, to be read in the next one
    bool accepts = false;              // an event tells when that iteration ends
    int connections = 0;               // to the database, in use
    Ring<std::uint32_t> waiting{};     // for one of them
    Ring<Completion> completions{};
    std::uint64_t in_flight = 0;
    std::uint64_t abandoned = 0;  // requests with work to be done
    double arrival_sum = 0;       // of the requests in flight
    double in_flight_seconds = 0;
    RequestCounters counters{};
    Scraper scraper{};
    bool alive = false;  // it was ready, and has not ended
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
  void FirstSlice(std::uint32_t slot);
  void AcquireConnection(std::uint32_t slot);
  void BeginVisit(std::uint32_t slot);
  void StartService(std::uint32_t slot, double begin);
  [[nodiscard]] bool MayPassThrough(const Pod& pod) const;
  void EndVisit(std::uint32_t slot);
  void FreeConnection(Pod& pod);
  void SecondSlice(std::uint32_t slot);
  void AcquireLate(std::uint32_t slot);
  void Respond(std::uint32_t slot, Ending ending);
  void ExpectGiveUp(std::uint32_t slot);
  void GiveUp(std::uint32_t slot);
  void Lose(std::uint32_t slot);
  void Refuse(std::uint8_t attempt);

  // plant_connections.cpp: connections that wait to be accepted, and scrapes.
  [[nodiscard]] bool TakeIdle(Pod& pod) const;
  void Connect(PodIndex index, std::uint32_t slot);
  void EndIteration(PodIndex index);
  void Read(PodIndex index, std::uint32_t slot);
  void ReadScrape(PodIndex index, std::uint32_t ticket);
  void Collect(PodIndex index, std::uint16_t ticket);

  // plant_pods.cpp: balancing, and what becomes of pods and of what they count.
  [[nodiscard]] PodIndex Choose();
  [[nodiscard]] PodIndex ChooseLeast();
  [[nodiscard]] PodIndex ChooseSticky();
  void Settle(PodIndex index);
  void SettleAll();
  void Answered(Pod& pod, const Completion& completion);
  void Leave(Pod& pod, double arrival, double at);
  void Fail(std::uint32_t slot, double at, Cause cause);
  void MaybeRetry(std::uint8_t attempt, double at);

  // How much longer the pod's work takes now.
  [[nodiscard]] double FactorOf(const Pod& pod) const {
    const double cold = now_ < pod.cold_until ? scenario_.pod.cold_factor : 1.0;
    return work_factor_ * pod.release_factor * pod.slow_factor * cold;
  }
  [[nodiscard]] std::uint32_t NewSlot(PodIndex pod, const Draw& draw, std::uint8_t attempt);
  void FreeSlot(std::uint32_t slot) {
    Request& request = slots_[slot];
    if (request.stage == Stage::kAbandoned) --pods_[request.pod].abandoned;
    request.stage = Stage::kOver;
    free_slots_.push_back(slot);
  }

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

  std::vector<ScrapeAnswer> scrapes_;
  RequestCounters ingress_;
  std::uint64_t arrivals_ = 0;  // first attempts
  std::uint64_t requests_ = 0;  // all attempts
  std::uint64_t retries_ = 0;
};

}  // namespace evenkeel
