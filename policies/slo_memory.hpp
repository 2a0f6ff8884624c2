// What the `slo` module remembers from one decision to the next: a value that lives in the policy's
// status as JSON. Whatever of it is missing or makes no sense counts as never remembered, so that a
// status written by hand or by another version does no harm.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "policies/policy.hpp"

namespace evenkeel::slo {

// Something was asked for, at that size of the target.
struct Mark {
  TimePoint at{};
  Replicas from = 0;
  Replicas to = 0;  // 0: not remembered

  bool operator==(const Mark&) const = default;
};

// So many requests were in flight.
struct InFlight {
  TimePoint at{};
  double requests = 0;

  bool operator==(const InFlight&) const = default;
};

// The demand as it was last estimated (slo_demand.hpp).
struct Model {
  TimePoint at{};
  double level = 0;      // erlangs: event loops that the load keeps busy
  double trend = 0;      // erlangs per second
  double noise = 0;      // erlangs: mean absolute error of a forecast from one reading to the next
  double busy = 0;       // 0..1, of an event loop without a backlog
  double lag = 0;        // s, likewise
  double last_lag = 0;   // s, at the last reading
  double surge = 0;      // erlangs asked for since an overload began; 0: there is none
  double climb = 0;      // erlangs per second that it last grew by
  double climbs_by = 0;  // erlangs that it is expected to have grown by when a pod serves
  double leap = 0;   // erlangs per second: the last reading was so steep a jump upwards; 0: none
  double leaps = 0;  // erlangs per second: the gentler one of two such in a row; 0: not two
  double work = 0;   // erlangs per request/s: seconds of event loop per request; 0: not known
  double rate = 0;   // requests/s, smoothed, of a service without overload
  double last_rate = 0;     // requests/s, at the last reading; of the whole window
  TimePoint rate_at{};      // of the newest sample in that
  TimePoint calm{};         // when there was no overload, last
  double serving = 0;       // pods, on average over the window
  double due = 0;           // s: the loops' newest sample is not older, usually; 0: not known
  double gathered = 0;      // erlangs times s, of readings that are not in the level yet
  double gathered_for = 0;  // s
  std::vector<InFlight> in_flight{};  // samples, oldest first: the last calm one, and all since

  bool operator==(const Model&) const = default;
};

// Sums over readings of a service at rest, older ones counting less (slo_target.hpp).
struct LateRequests {
  TimePoint at{};       // of the last reading
  double weight = 0;    // readings
  double idle = 0;      // of them, the loops' idle share
  double requests = 0;  // requests then
  double late = 0;      // those slower than the objective

  bool operator==(const LateRequests&) const = default;
};

// What an overload has taught.
struct Remembered {
  TimePoint at{};
  double utilization = 0;  // not to be exceeded then

  bool operator==(const Remembered&) const = default;
};

// How it was when something went above its objective.
struct Ascent {
  TimePoint at{};
  double pods = 0;
  double ratio = 0;        // to the objective
  double rate = 0;         // requests/s; 0: not known
  double utilization = 0;  // 0..1, of the loops; 0: not known

  bool operator==(const Ascent&) const = default;
};

// What a pod does where its event loop tells nothing (slo_pace.hpp). Rates are of the whole window.
struct Pace {
  TimePoint at{};        // of the newest sample in the last reading
  double per_pod = 0;    // requests/s that a pod is known to serve well; 0: none
  double usual = 0;      // requests/s, smoothed, while latency is not above its objective
  double last_rate = 0;  // requests/s, at the last reading

  bool operator==(const Pace&) const = default;
};

// Pods tried although no requests wait for the event loops (slo_probe.hpp).
struct Probe {
  TimePoint at{};      // when it began, or was found to be in vain
  double pods = 0;     // before it; 0: it is over
  double to = 0;       // pods that were asked for
  double latency = 0;  // P99 / objective, before it
  double rate = 0;     // requests/s, before it; 0: not known
  double wait = 0;     // s until the next one
  double back = 0;     // pods to go back to, for it was in vain; 0: that is not known

  bool operator==(const Probe&) const = default;
};

// What each pod can do for reasons other than its event loop (slo_probe.hpp).
struct Limit {
  TimePoint at{};
  double per_pod = 0;  // requests/s that were too many

  bool operator==(const Limit&) const = default;
};

// The highest demand of late, and when it was last near that (slo_recurrence.hpp).
struct Peak {
  TimePoint at{};
  double demand = 0;  // erlangs

  bool operator==(const Peak&) const = default;
};

// The load came back soon after a scale-in.
struct Recurrence {
  TimePoint at{};
  double hold = 0;  // s, that pods are kept for a peak

  bool operator==(const Recurrence&) const = default;
};

struct Memory {
  std::optional<Mark> step{};        // a step up for an objective
  std::optional<Mark> saturation{};  // pods for a load above capacity
  std::optional<Mark> shrink{};      // a step down by feel
  std::optional<Mark> size{};        // since when the target has this size
  std::optional<Mark> fewer{};       // the last scale-in
  std::optional<TimePoint> queue{};  // when event loops last had a backlog
  std::optional<Model> model{};
  std::optional<Ascent> ascent{};      // of the P99, while it is above
  std::optional<Ascent> lag_ascent{};  // likewise of the event-loop lag
  std::optional<Probe> probe{};        // while the P99 is above its objective
  std::optional<Peak> peak{};
  std::optional<LateRequests> late{};      // lasting
  std::optional<Remembered> ceiling{};     // lasting
  std::optional<Pace> pace{};              // lasting
  std::optional<Limit> limit{};            // lasting
  std::optional<Recurrence> recurrence{};  // lasting

  bool operator==(const Memory&) const = default;
};

// Times after `now` (the clock was set back) count as now.
[[nodiscard]] Memory ReadMemory(const nlohmann::json& json, TimePoint now);
[[nodiscard]] nlohmann::json ToJson(const Memory& memory);

}  // namespace evenkeel::slo
