// What the controller tells Prometheus about itself (/metrics). Safe from any thread.
//
//   evenkeel_build_info{version}                          1
//   evenkeel_policies                                     policies known
//   evenkeel_rounds_total, evenkeel_round_duration_seconds
//   evenkeel_schedule_delay_seconds                       how late a decision began
//   evenkeel_decisions_total{direction,reason}            direction: up, down, none
//   evenkeel_policy_{current,desired}_replicas{namespace,policy}
//   evenkeel_policy_signal{namespace,policy,signal}       values, in the signal's unit; absent
//   while
//                                                         unknown
//   evenkeel_decisions_postponed_total                    readings had grown old in slow writes
//   evenkeel_scale_patches_total{result}                  applied, conflict, failed
//   evenkeel_status_patches_total{result}, evenkeel_events_total{result}
//   evenkeel_fetch_duration_seconds, evenkeel_queries_total{source,result}
//   evenkeel_histories_recalled_total{result}             after a start: ok, failed
//   evenkeel_watch_failures_total{resource}
//   evenkeel_watch_interrupted_seconds{resource}
//   evenkeel_config_last_reload_successful                1, or 0 while the file of --config is bad
//   evenkeel_config_reloads_total{result}                 of a changed file: ok, failed
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "controller/core/outcome.hpp"

namespace evenkeel {

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void SetPolicies(std::size_t count);
  void CountRound(std::chrono::nanoseconds duration);
  void ObserveScheduleDelay(std::chrono::nanoseconds delay);
  void ObserveDecision(const Outcome& outcome);
  // A deleted policy's series disappear.
  void RemovePolicy(const ObjectKey& policy);
  void CountPostponed(std::size_t decisions);
  void CountScalePatch(std::string_view result);
  void CountStatusPatch(std::string_view result);
  void CountEvent(std::string_view result);
  void ObserveFetch(std::chrono::nanoseconds duration);
  void CountQuery(std::string_view source, std::string_view result);
  void CountRecalled(std::string_view result, std::size_t policies);
  void CountWatchFailure(std::string_view resource);
  // 0: it watches.
  void SetWatchInterrupted(std::string_view resource, std::chrono::nanoseconds duration);
  void CountConfigReload(bool successful);

  // The text exposition format.
  [[nodiscard]] std::string Serialize() const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace evenkeel
