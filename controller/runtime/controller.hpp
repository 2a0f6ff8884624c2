// Controller: watches, waits, and runs rounds. One thread (that of Run) owns all state; watchers
// hand their updates to it through a queue.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/core/decide.hpp"
#include "controller/core/due_queue.hpp"
#include "controller/prometheus/permissions.hpp"
#include "controller/runtime/fetcher.hpp"
#include "controller/runtime/http_transport.hpp"
#include "controller/runtime/kube_writer.hpp"
#include "controller/runtime/metrics.hpp"
#include "controller/runtime/plan_page.hpp"
#include "controller/runtime/reporter.hpp"
#include "controller/runtime/round.hpp"
#include "controller/runtime/scale_reader.hpp"
#include "controller/runtime/update_queue.hpp"
#include "controller/runtime/watcher.hpp"
#include "controller/runtime/world.hpp"

namespace evenkeel {

// What the configuration holds besides the sources themselves.
struct Configured {
  RawQueryRights raw_queries{};
  PresetTable presets{};
};

struct ControllerOptions {
  std::chrono::milliseconds sync_period{15'000};
  std::chrono::milliseconds fetch_deadline{10'000};
  DecideSettings settings{};
  // It lives this much in the past: turns are everybody's (turns.hpp), and a source need not be
  // asked by all controllers, and whoever else aligns to the clock, in the same instant.
  std::chrono::milliseconds lag{0};
  std::string namespace_name;  // empty: all
  std::string instance;        // named in Events
  double write_qps = 20;
  int write_burst = 30;
  // A short cap: while one watch waits, what it would tell (a new HPA, say) is not known.
  Backoff watch_backoff{.cap = std::chrono::milliseconds(10'000)};
  // Called between rounds, at least every second: takes over a changed configuration, and says what
  // it holds if that is new, as it is at the first call. Without it `fetcher` stays as it is, all
  // its sources take policies' own PromQL, and the presets are the built-in ones.
  std::function<std::optional<Configured>()> configure{};
};

class Controller {
 public:
  // `kube`, `fetcher` and `metrics` must outlive it. The watches start at once.
  Controller(HttpTransport& kube, Fetcher& fetcher, Metrics& metrics, ControllerOptions options);

  // Until stopped; then returns within the time of one cancelled request.
  void Run(std::stop_token stop);

  // From any thread. Empty when every watch has seen its whole list; else what is waited for.
  [[nodiscard]] std::string NotReadyReason() const;
  // From any thread. Empty while the loop turns; else how long it has not.
  [[nodiscard]] std::string NotAliveReason() const;
  // From any thread. What the sources were asked last, as JSON.
  [[nodiscard]] std::string PlanAsJson() const { return plan_page_.Serialize(); }

 private:
  [[nodiscard]] TimePoint Now() const;
  void StartWatchers(HttpTransport& kube);
  void Absorb();
  void Configure();
  void Note(const WatchUpdate& update);
  void RunDue(std::stop_token stop);
  [[nodiscard]] std::chrono::milliseconds AfterConflict(const ObjectKey& key);
  void WaitForWork(std::stop_token stop);

  ControllerOptions options_;
  Metrics& metrics_;
  Fetcher& fetcher_;
  KubeWriter writer_;
  ScaleReader scales_;
  Reporter reporter_;
  World world_;
  Planning planning_;
  DueQueue due_;
  UpdateQueue queue_;
  RawQueryRights raw_queries_;
  PlanPage plan_page_;
  std::uint64_t round_ = 0;
  std::atomic<std::chrono::steady_clock::time_point> heartbeat_;
  std::vector<std::unique_ptr<Watcher>> watchers_;  // last: they call into queue_
};

}  // namespace evenkeel
