#include "controller/runtime/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>
#include <sstream>
#include <vector>

namespace evenkeel {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Registry;

const Histogram::BucketBoundaries kSeconds = {.001, .005, .01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30};

double Seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

Family<Gauge>& AddGauge(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

Family<Counter>& AddCounter(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Histogram& AddHistogram(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add({}, kSeconds);
}

// The gauges of one policy, to be removed with it.
struct PolicyGauges {
  Gauge* current = nullptr;
  Gauge* desired = nullptr;
  std::map<std::string, Gauge*> signals;
};

std::string_view DirectionOf(const Decision& decision) {
  if (decision.desired > decision.current) return "up";
  return decision.desired < decision.current ? "down" : "none";
}

}  // namespace

struct Metrics::Families {
  Registry registry;
  Family<Gauge>& build = AddGauge(registry, "evenkeel_build_info", "The version that runs.");
  Gauge& policies =
      AddGauge(registry, "evenkeel_policies", "ScalingPolicies that are known.").Add({});
  Counter& rounds = AddCounter(registry, "evenkeel_rounds_total", "Rounds run.").Add({});
  Histogram& round_seconds =
      AddHistogram(registry, "evenkeel_round_duration_seconds", "Duration of a round.");
  Histogram& delay_seconds =
      AddHistogram(registry, "evenkeel_schedule_delay_seconds", "How late a decision began.");
  Histogram& fetch_seconds = AddHistogram(registry, "evenkeel_fetch_duration_seconds",
                                          "Duration of a source's queries in a round.");
  Family<Counter>& decisions =
      AddCounter(registry, "evenkeel_decisions_total", "Decisions by direction and reason.");
  Counter& postponed =
      AddCounter(registry, "evenkeel_decisions_postponed_total",
                 "Decisions left to the next round, for slow writes had made their readings old.")
          .Add({});
  Family<Gauge>& current = AddGauge(registry, "evenkeel_policy_current_replicas",
                                    "spec.replicas of the target at the last decision.");
  Family<Gauge>& desired =
      AddGauge(registry, "evenkeel_policy_desired_replicas", "Replicas decided on.");
  Family<Gauge>& signal =
      AddGauge(registry, "evenkeel_policy_signal", "A known signal, in seconds, ratio or 1/s.");
  Family<Counter>& scale_patches =
      AddCounter(registry, "evenkeel_scale_patches_total", "Patches of /scale by result.");
  Family<Counter>& status_patches =
      AddCounter(registry, "evenkeel_status_patches_total", "Patches of a status by result.");
  Family<Counter>& events = AddCounter(registry, "evenkeel_events_total", "Events by result.");
  Family<Counter>& queries =
      AddCounter(registry, "evenkeel_queries_total", "Queries by source and result.");
  Family<Counter>& recalled =
      AddCounter(registry, "evenkeel_histories_recalled_total",
                 "Histories made anew from Prometheus after a start, by result.");
  Family<Counter>& watch_failures = AddCounter(registry, "evenkeel_watch_failures_total",
                                               "Broken lists and watches by resource.");
  Family<Gauge>& interrupted =
      AddGauge(registry, "evenkeel_watch_interrupted_seconds",
               "For how long a watch has been interrupted, by resource; from 2 minutes on nothing "
               "is scaled in.");
  Gauge& config_good = AddGauge(registry, "evenkeel_config_last_reload_successful",
                                "Is the configuration file as it is now in use?")
                           .Add({});
  Family<Counter>& config_reloads = AddCounter(registry, "evenkeel_config_reloads_total",
                                               "Changed configuration files by result.");
  mutable std::mutex mutex;  // guards by_policy
  std::map<ObjectKey, PolicyGauges> by_policy;
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {
  families_->build.Add({{"version", EVENKEEL_VERSION}}).Set(1);
  families_->config_good.Set(1);
}

Metrics::~Metrics() = default;

void Metrics::SetPolicies(std::size_t count) {
  families_->policies.Set(static_cast<double>(count));
}

void Metrics::CountRound(std::chrono::nanoseconds duration) {
  families_->rounds.Increment();
  families_->round_seconds.Observe(Seconds(duration));
}

void Metrics::ObserveScheduleDelay(std::chrono::nanoseconds delay) {
  families_->delay_seconds.Observe(Seconds(delay));
}

void Metrics::ObserveDecision(const Outcome& outcome) {
  const Decision& decision = outcome.decision;
  families_->decisions
      .Add({{"direction", std::string(DirectionOf(decision))}, {"reason", decision.reason}})
      .Increment();
  const prometheus::Labels labels = {{"namespace", decision.policy.namespace_name},
                                     {"policy", decision.policy.name}};
  const std::lock_guard lock(families_->mutex);
  PolicyGauges& gauges = families_->by_policy[decision.policy];
  if (gauges.current == nullptr) {
    gauges.current = &families_->current.Add(labels);
    gauges.desired = &families_->desired.Add(labels);
  }
  gauges.current->Set(decision.current);
  gauges.desired->Set(decision.desired);
  for (auto& [name, gauge] : gauges.signals) families_->signal.Remove(gauge);
  gauges.signals.clear();
  for (const SignalView& view : decision.signals) {
    if (!view.reading.HasValue()) continue;
    prometheus::Labels with_signal = labels;
    with_signal["signal"] = view.name;
    Gauge& gauge = families_->signal.Add(with_signal);
    gauge.Set(view.reading.value);
    gauges.signals[view.name] = &gauge;
  }
}

void Metrics::RemovePolicy(const ObjectKey& policy) {
  const std::lock_guard lock(families_->mutex);
  const auto found = families_->by_policy.find(policy);
  if (found == families_->by_policy.end()) return;
  families_->current.Remove(found->second.current);
  families_->desired.Remove(found->second.desired);
  for (auto& [name, gauge] : found->second.signals) families_->signal.Remove(gauge);
  families_->by_policy.erase(found);
}

void Metrics::CountPostponed(std::size_t decisions) {
  families_->postponed.Increment(static_cast<double>(decisions));
}

void Metrics::CountScalePatch(std::string_view result) {
  families_->scale_patches.Add({{"result", std::string(result)}}).Increment();
}

void Metrics::CountStatusPatch(std::string_view result) {
  families_->status_patches.Add({{"result", std::string(result)}}).Increment();
}

void Metrics::CountEvent(std::string_view result) {
  families_->events.Add({{"result", std::string(result)}}).Increment();
}

void Metrics::ObserveFetch(std::chrono::nanoseconds duration) {
  families_->fetch_seconds.Observe(Seconds(duration));
}

void Metrics::CountQuery(std::string_view source, std::string_view result) {
  families_->queries.Add({{"source", std::string(source)}, {"result", std::string(result)}})
      .Increment();
}

void Metrics::CountRecalled(std::string_view result, std::size_t policies) {
  families_->recalled.Add({{"result", std::string(result)}})
      .Increment(static_cast<double>(policies));
}

void Metrics::CountWatchFailure(std::string_view resource) {
  families_->watch_failures.Add({{"resource", std::string(resource)}}).Increment();
}

void Metrics::SetWatchInterrupted(std::string_view resource, std::chrono::nanoseconds duration) {
  families_->interrupted.Add({{"resource", std::string(resource)}}).Set(Seconds(duration));
}

void Metrics::CountConfigReload(bool successful) {
  families_->config_good.Set(successful ? 1 : 0);
  families_->config_reloads.Add({{"result", successful ? "ok" : "failed"}}).Increment();
}

std::string Metrics::Serialize() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families_->registry.Collect());
  return out.str();
}

}  // namespace evenkeel
