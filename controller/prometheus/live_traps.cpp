#include "controller/prometheus/live_traps.hpp"

#include <chrono>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/core/signal_format.hpp"
#include "controller/core/time_format.hpp"

namespace evenkeel {
namespace {

using std::chrono::milliseconds;

// An ELU below this leaves room for more work; a lag above that is felt.
constexpr double kIdleUtilization = 0.5;
constexpr double kFeltLag = 0.1;

class Live {
 public:
  Live(const ScalingPolicy& policy, const LiveFacts& facts, const PresetTable& presets)
      : policy_(policy), facts_(facts), presets_(presets) {}

  [[nodiscard]] std::vector<FieldError> Find() {
    AddMissing();
    AddWindow();
    AddBuckets();
    AddBlindLatency();
    AddStarved();
    AddHopeless();
    return std::move(found_);
  }

 private:
  void Add(std::string path, std::string message) {
    found_.push_back({std::move(path), std::move(message)});
  }

  [[nodiscard]] const Reading& Of(std::string_view signal) const {
    return facts_.readings.Find(signal);
  }
  [[nodiscard]] std::optional<double> LatencyObjective() const {
    const auto& objective = policy_.target.objectives.latency_p99;
    if (!objective) return std::nullopt;
    return std::chrono::duration<double>(*objective).count();
  }
  [[nodiscard]] bool OwnLatency() const {
    return policy_.metrics.queries.contains(std::string(signal::kLatencyP99));
  }

  void AddMissing() {
    for (const auto& [signal, namespaces] : facts_.found_in) {
      if (namespaces.empty()) {
        Add("spec.metrics.preset", signal + ": the source has no such metric at all (" +
                                       Of(signal).message +
                                       "): is the exporter scraped, and the preset the right one?");
      } else {
        Add("spec.metrics.match", signal + ": the metric exists, in " + namespaces +
                                      ", but none of its series is this target's (" +
                                      Of(signal).message +
                                      "): give the labels that name it in metrics.match");
      }
    }
  }

  void AddWindow() {
    if (!facts_.scrape_interval) return;
    const milliseconds interval = *facts_.scrape_interval;
    const milliseconds window = policy_.metrics.window;
    if (window >= 4 * interval) return;
    const std::string scraped = FormatDuration(window) + " for a target that is scraped every " +
                                FormatDuration(std::chrono::round<std::chrono::seconds>(interval));
    if (window < 2 * interval) {
      Add("spec.metrics.window", scraped +
                                     ": a rate needs two samples in it, and will mostly have "
                                     "none; give at least four scrape intervals");
    } else {
      Add("spec.metrics.window", scraped +
                                     ": one lost scrape leaves the rate uncovered; four "
                                     "scrape intervals are advised");
    }
  }

  void AddBuckets() {
    const auto objective = LatencyObjective();
    if (!objective || facts_.buckets.empty() || OwnLatency()) return;
    const auto shown = [](double bound) { return FormatSignalValue(signal::kLatencyP99, bound); };
    if (*objective < facts_.buckets.front()) {
      Add("spec.objectives.latencyP99", "is below the smallest bucket of the histogram (" +
                                            shown(facts_.buckets.front()) +
                                            "): a P99 under it is a guess");
    } else if (*objective > facts_.buckets.back()) {
      Add("spec.objectives.latencyP99",
          "is above the largest bucket of the histogram (" + shown(facts_.buckets.back()) +
              "): a P99 can never exceed it, so the objective never counts as missed");
    }
  }

  void AddBlindLatency() {
    const Preset* preset = FindPreset(presets_, policy_.metrics.latency_preset);
    const bool in_process = preset != nullptr && !OwnLatency() &&
                            (!preset->runtime.lag_p99.empty() || preset->runtime.HasUtilization());
    if (!LatencyObjective() || !in_process) return;
    if (Of(signal::kEventLoopUtilization).AllowsScaleIn()) return;
    Add("spec.objectives.latencyP99",
        "is measured inside the process, which does not see requests that wait for the event loop, "
        "and no eventLoopUtilization is exported: export it, or take latency from the proxy");
  }

  void AddStarved() {
    const Reading& lag = Of(signal::kEventLoopLagP99);
    const Reading& elu = Of(signal::kEventLoopUtilization);
    if (!lag.HasValue() || !elu.HasValue()) return;
    if (lag.value < kFeltLag || elu.value >= kIdleUtilization) return;
    Add("spec.objectives.eventLoopLagP99",
        "the lag is " + FormatSignalValue(signal::kEventLoopLagP99, lag.value) +
            " while the event loops are busy " +
            FormatSignalValue(signal::kEventLoopUtilization, elu.value) +
            " of the time: single long tasks, or pods starved of CPU (limits, noisy neighbours); "
            "more replicas do not cure that");
  }

  void AddHopeless() {
    const auto objective = LatencyObjective();
    const Reading& latency = Of(signal::kLatencyP99);
    const Reading& lag = Of(signal::kEventLoopLagP99);
    const Reading& elu = Of(signal::kEventLoopUtilization);
    if (!objective || !latency.HasValue() || latency.value <= *objective) return;
    if (!elu.HasValue() || elu.value >= kIdleUtilization) return;
    if (lag.HasValue() && lag.value >= kFeltLag) return;
    Add("spec.objectives.latencyP99",
        "P99 is " + FormatSignalValue(signal::kLatencyP99, latency.value) +
            " although the event loops are idle (utilisation " +
            FormatSignalValue(signal::kEventLoopUtilization, elu.value) +
            "): the time is spent elsewhere, in the database say, and no number of replicas will "
            "meet the objective");
  }

  const ScalingPolicy& policy_;
  const LiveFacts& facts_;
  const PresetTable& presets_;
  std::vector<FieldError> found_;
};

}  // namespace

std::vector<FieldError> FindLiveTraps(const ScalingPolicy& policy, const LiveFacts& facts,
                                      const PresetTable& presets) {
  return Live(policy, facts, presets).Find();
}

}  // namespace evenkeel
