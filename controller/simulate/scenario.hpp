// A scenario: what a simulated service is, what happens to it, and what it is measured by. Scenario
// files are JSON (design.md § 7, tests/scenarios/*.json); durations are strings ("1m30s"), ratios
// "1%" or 0.01; what is absent has the default below.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controller/core/scaling_policy.hpp"
#include "policies/policy.hpp"

namespace evenkeel {

// Time within a simulation: since its beginning, or a length of it. Doubles keep a discrete-event
// simulation free of rounding.
using SimSeconds = std::chrono::duration<double>;

// The simulated clock's zero: all scalers and signals see TimePoints from here on. A multiple of
// every usual period, so that turns fall where they do in production.
inline constexpr TimePoint kSimulationBegin{std::chrono::milliseconds{1'700'006'400'000}};

// Rounded to the nearest millisecond.
[[nodiscard]] TimePoint AtSimTime(SimSeconds time);

struct RatePoint {
  SimSeconds at{0};
  double rate = 0;  // requests/s
};

// The load per second is the rate, times e^x where x is a first-order autoregression with standard
// deviation `sigma` and correlation `rho` from one second to the next, and mean -sigma²/2.
struct Noise {
  double sigma = 0;
  double rho = 0.98;
};

struct Arrivals {
  std::vector<RatePoint> rate{};  // times ascend; two points at one time make a step
  std::vector<double> table{};    // of a file: requests/s per `step`, scaled; empty: use `rate`
  SimSeconds step{1};             // of the table
  Noise noise{};
  int retries = 0;  // per request, after 1 to 2 s, within a budget of a fifth of all requests

  // Without noise. The first value holds before the first time, the last beyond the end.
  [[nodiscard]] double RateAt(SimSeconds time) const;
};

enum class WorkDistribution {
  kExponential,
  kLogNormal,  // with squared coefficient of variation Pod::variation
  kFixed,
};

struct PodModel {
  SimSeconds work{0.010};  // mean time on the event loop per request, both slices together
  WorkDistribution distribution = WorkDistribution::kExponential;
  double variation = 4;          // c² of kLogNormal
  SimSeconds startup_least{20};  // from creation to ready: uniform between these
  SimSeconds startup_most{40};
  double cold_factor = 1.5;  // work of a pod that has been ready for less than cold_for
  SimSeconds cold_for{20};
  int backlog = 511;         // connections that may wait to be accepted
  SimSeconds keep_alive{5};  // how long a connection may idle: http.Server.keepAliveTimeout
};

enum class Balancer { kRandom, kRoundRobin, kLeastRequest, kSticky };

struct DatabaseModel {
  int servers = 60;  // 0: there is no database, and a request is one slice of work
  SimSeconds service{0.015};
  int pool_per_pod = 10;
  SimSeconds acquire_timeout{5};
  double per_connection = 0.002;  // service time is times 1 + this × open connections (pods × pool)
};

enum class LatencySource { kIngress, kPod };

struct MetricsModel {
  SimSeconds scrape{15};  // interval
  std::chrono::seconds window{60};
  LatencySource latency_from = LatencySource::kIngress;
  bool in_flight = false;              // is a gauge of requests in flight exported?
  std::vector<std::string> missing{};  // signals that are not exported at all

  // Prometheus' default; never more than the interval.
  [[nodiscard]] SimSeconds ScrapeTimeout() const { return std::min(SimSeconds{10}, scrape); }
};

enum class EventKind {
  kDatabaseSlow,       // amount: factor of its service time
  kErrors,             // amount: fraction of requests that fail fast, and not by overload
  kMetricsGone,        // nothing can be scraped
  kPodSlow,            // pods: how many; amount: factor of their work
  kWorkFactor,         // amount: factor of all work
  kPodsLost,           // pods: how many die at once
  kPrometheusRestart,  // Prometheus does not answer and does not scrape; `for` defaults to 30 s
  kControllerRestart,  // the scaler begins anew
  kRelease,            // a rolling update; amount: factor of the new pods' work
};

// "databaseSlow", ...
[[nodiscard]] std::string_view ToString(EventKind kind);

struct ScenarioEvent {
  SimSeconds at{0};
  SimSeconds lasts{0};  // 0: to the end, where the kind has a length
  EventKind kind = EventKind::kDatabaseSlow;
  double amount = 1;
  int pods = 1;

  [[nodiscard]] SimSeconds End() const { return lasts.count() > 0 ? at + lasts : SimSeconds{1e18}; }
};

struct Scenario {
  std::string name;
  std::string about{};  // one sentence for the report
  SimSeconds duration{7200};
  SimSeconds warmup{600};   // not scored
  Objectives objectives{};  // latencyP99 is required
  Replicas min_replicas = 1;
  Replicas max_replicas = 40;
  Replicas initial_replicas = 1;
  Arrivals arrivals{};
  PodModel pod{};
  Balancer balancer = Balancer::kRandom;
  DatabaseModel database{};
  MetricsModel metrics{};
  std::vector<ScenarioEvent> events{};  // by time

  // The objective in seconds.
  [[nodiscard]] SimSeconds Slo() const {
    return *objectives.latency_p99;  // NOLINT(bugprone-unchecked-optional-access): required
  }
};

// Reads the file that `arrivals.file` names; the path is as the scenario has it.
using TraceReader = std::function<Result<std::string>(const std::string& path)>;

// Parsed, or every fault found, each with its path ("pod.work"). Objectives are read as a
// ScalingPolicy's are; replicas.initial is replicas.min where it is absent.
[[nodiscard]] std::variant<Scenario, std::vector<FieldError>> ParseScenario(
    const nlohmann::json& json, const TraceReader& read);

// A trace: one number per line, or "timestamp,value" (a header line is skipped).
[[nodiscard]] Result<std::vector<double>> ParseTrace(std::string_view text);

}  // namespace evenkeel
