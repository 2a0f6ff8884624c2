#include "controller/runtime/controller.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include "controller/core/backoff.hpp"
#include "controller/core/time_format.hpp"
#include "controller/runtime/log.hpp"
#include "controller/runtime/round.hpp"

namespace evenkeel {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A changed spec or target is decided on after this, so that a burst of changes is one round.
constexpr milliseconds kSettle{500};
// The loop looks at the world at least this often, and says by it that it is alive.
constexpr milliseconds kIdle{1'000};
// No policy of a round takes longer. Longer than this and a fetch, the loop counts as stuck.
constexpr std::chrono::seconds kStuck{120};
// What a round's writes may wait for --kube-api-qps in all.
constexpr milliseconds kLongestWritePatience{30'000};

// Decisions wait for the next round if they come later than this after their readings.
constexpr milliseconds kOldReadings{30'000};

// The rest of the period is for the readings.
milliseconds WritePatience(milliseconds sync_period) {
  return std::min(sync_period * 2 / 3, kLongestWritePatience);
}

}  // namespace

Controller::Controller(HttpTransport& kube, Fetcher& fetcher, Metrics& metrics,
                       ControllerOptions options)
    : options_(std::move(options)),
      metrics_(metrics),
      fetcher_(fetcher),
      writer_(kube, TokenBucket(options_.write_qps, options_.write_burst, steady_clock::now()),
              WritePatience(options_.sync_period)),
      scales_(kube),
      reporter_(writer_, metrics, options_.instance),
      due_(options_.sync_period),
      heartbeat_(steady_clock::now()) {
  StartWatchers(kube);
}

TimePoint Controller::Now() const {
  return std::chrono::floor<milliseconds>(std::chrono::system_clock::now()) - options_.lag;
}

void Controller::StartWatchers(HttpTransport& kube) {
  std::random_device seed;
  for (const ResourceKind resource : kAllResources) {
    WatcherOptions options;
    options.resource = resource;
    options.namespace_name = options_.namespace_name;
    options.seed = seed();
    options.backoff = options_.watch_backoff;
    watchers_.push_back(std::make_unique<Watcher>(
        kube, std::move(options), [this](WatchUpdate update) { queue_.Push(std::move(update)); }));
  }
}

std::string Controller::NotReadyReason() const {
  std::string waiting;
  for (const auto& watcher : watchers_) {
    if (watcher->Synced()) continue;
    waiting += (waiting.empty() ? "waiting for the first list of " : ", ") +
               Describe(watcher->resource()).plural;
  }
  return waiting;
}

std::string Controller::NotAliveReason() const {
  const auto silent = steady_clock::now() - heartbeat_.load();
  if (silent < kStuck + options_.fetch_deadline) return {};
  return "the loop has not turned for " +
         FormatDuration(std::chrono::floor<std::chrono::seconds>(silent));
}

void Controller::Note(const WatchUpdate& update) {
  world_.watches().Note(update, Now());
  const auto* trouble = std::get_if<WatchTrouble>(&update.change);
  if (trouble == nullptr) return;
  const std::string& resource = Describe(update.resource).plural;
  metrics_.CountWatchFailure(resource);
  Log(trouble->failures > 1 ? LogLevel::kWarning : LogLevel::kInfo, "watch interrupted",
      {{"resource", resource}, {"error", trouble->error.message}});
}

void Controller::Absorb() {
  for (WatchUpdate& update : queue_.TakeAll()) {
    Note(update);
    const PolicyChanges changes = world_.Apply(std::move(update));
    for (const ObjectKey& key : changes.changed) {
      due_.Schedule(key, Now() + kSettle);
    }
    for (const ObjectKey& key : changes.known) due_.ScheduleTurn(key, Now());
    for (const ObjectKey& key : changes.removed) {
      due_.Remove(key);
      metrics_.RemovePolicy(key);
      Log(LogLevel::kInfo, "policy deleted", {{"policy", key.ToString()}});
    }
  }
  metrics_.SetPolicies(world_.policies().size());
  for (const ResourceKind resource : kAllResources) {
    metrics_.SetWatchInterrupted(Describe(resource).plural,
                                 world_.watches().Interrupted(resource, Now()));
  }
}

void Controller::Configure() {
  if (!options_.configure) return;
  std::optional<Configured> configured = options_.configure();
  if (!configured) return;
  raw_queries_ = std::move(configured->raw_queries);
  if (configured->presets == planning_.presets) return;
  planning_.presets = std::move(configured->presets);
  planning_.census = {};  // of the former presets
}

void Controller::RunDue(std::stop_token stop) {
  const TimePoint now = Now();
  const auto next = due_.NextDue(now);
  if (!next || *next > now) return;
  metrics_.ObserveScheduleDelay(now - *next);
  const Due due = due_.TakeDue(now);
  const RoundContext context{world_,
                             fetcher_,
                             scales_,
                             writer_,
                             reporter_,
                             metrics_,
                             planning_,
                             options_.sync_period,
                             options_.fetch_deadline,
                             options_.settings,
                             [this] { Absorb(); },
                             [this] { heartbeat_.store(steady_clock::now()); },
                             raw_queries_,
                             &plan_page_,
                             std::max(options_.sync_period, kOldReadings)};
  for (const ObjectKey& key : RunRound(context, due.keys, ++round_, due.time, std::move(stop))) {
    due_.Schedule(key, Now() + AfterConflict(key));
  }
}

// The watch usually shows what changed within kSettle. While it does not, each patch would meet the
// same conflict.
milliseconds Controller::AfterConflict(const ObjectKey& key) {
  const PolicyEntry* entry = world_.Find(key);
  const int conflicts = entry == nullptr ? 1 : entry->conflicts;
  return RetryDelay({kSettle, options_.sync_period}, conflicts, 1);
}

// What is due by the wall clock is waited for by the steady one, and looked at again every kIdle:
// a clock that is set forward or back is noticed by then.
void Controller::WaitForWork(std::stop_token stop) {
  const TimePoint wall = Now();
  const auto now = steady_clock::now();
  heartbeat_.store(now);
  const milliseconds until_due = due_.NextDue(wall).value_or(wall + kIdle) - wall;
  queue_.WaitUntil(now + std::min(until_due, kIdle), std::move(stop));
}

void Controller::Run(std::stop_token stop) {
  bool ready = false;
  while (!stop.stop_requested()) {
    Absorb();
    Configure();
    if (!ready && NotReadyReason().empty()) {
      ready = true;
      Log(LogLevel::kInfo, "watches are in sync, deciding begins");
    }
    if (ready) RunDue(stop);
    WaitForWork(stop);
  }
  for (const auto& watcher : watchers_) watcher->RequestStop();
}

}  // namespace evenkeel
