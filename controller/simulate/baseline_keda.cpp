// keda-p99: KEDA 2.20's Prometheus scaler (kedacore/keda, pkg/scalers/prometheus_scaler.go) on P99
// with its default metricType AverageValue, feeding an HPA (hpa_loop.hpp).
//
// AverageValue divides a total by a target per pod: replicas = ceil(P99 / threshold), whatever
// serves now. For a latency that has no meaning: with the threshold at the objective a service that
// meets it gets one replica, and one at three times the objective three, until the next poll finds
// a better P99. It is nevertheless the default, and often seen; `target` is the threshold in shares
// of the objective, and the grid offers small ones, with which some number of pods can be held.
//
// As the scaler has it: an empty answer, NaN and infinities are 0 (ignoreNullValues), so that lost
// metrics look like no load; a failed query is an error, and the HPA then does nothing; numbers are
// rounded to thousandths. `polling`: the operator asks every 30 s and the HPA, every 15 s, gets
// that number (useCachedMetrics: true); with polling 0 the HPA's own question goes to Prometheus,
// which is what KEDA does unless told otherwise, whatever pollingInterval says.
//
// Where it differs: there is no scaling to zero and no fallback; readings that production calls
// stale or uncovered are errors here, and the scaler would use them for another window at most.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/simulate/hpa_loop.hpp"
#include "policies/hpa_calculator.hpp"
#include "policies/params.hpp"

namespace evenkeel {
namespace {

std::int64_t ToMilli(double value) { return std::llround(value * 1000); }

// What the scaler makes of Prometheus' answer, in thousandths.
Result<std::int64_t> ValueOf(const Reading& reading) {
  switch (reading.state) {
    case ReadingState::kValue:
      return ToMilli(reading.value);
    case ReadingState::kNoData:
    case ReadingState::kNoTraffic:
    case ReadingState::kNotANumber:
      return 0;
    case ReadingState::kStale:
    case ReadingState::kUncovered:
    case ReadingState::kAmbiguous:
    case ReadingState::kFailed:
      break;
  }
  return Error{ErrorKind::kNotFound, reading.message, {}};
}

class KedaScaler final : public Scaler {
 public:
  KedaScaler(std::int64_t target_milli, std::chrono::seconds polling, const HpaLoop& loop)
      : target_milli_(target_milli), polling_(polling), loop_(loop) {}

  [[nodiscard]] SimSeconds Period() const override { return SimSeconds{15}; }
  [[nodiscard]] std::vector<Need> Needs() const override {
    return {{std::string(signal::kLatencyP99)}};
  }

  [[nodiscard]] Verdict Tick(const Sight& sight) override {
    if (!polled_ || sight.now >= *polled_ + polling_) {
      polled_ = sight.now;
      value_ = ValueOf(sight.readings.Find(signal::kLatencyP99));
    }
    const std::vector<Result<Replicas>> proposals{Propose(sight.state.status_replicas)};
    return loop_.Reconcile(sight.state, sight.now, proposals);
  }

 private:
  [[nodiscard]] Result<Replicas> Propose(Replicas status) const {
    if (!value_) return value_.error();
    return HpaExternalAverageReplicas(status, *value_, target_milli_, Tolerance{});
  }

  std::int64_t target_milli_;
  std::chrono::seconds polling_;
  HpaLoop loop_;
  std::optional<TimePoint> polled_{};
  Result<std::int64_t> value_ = 0;
};

}  // namespace

Result<MakeScaler> MakeKedaP99(const nlohmann::json& settings) {
  Params params(settings);
  const double share = params.Number("target", {.min = 0.01, .max = 10}, 1);
  const std::chrono::seconds window = SecondsOf(params, "window", 300);
  const std::chrono::seconds polling = SecondsOf(params, "polling", 30);
  if (const Status done = params.Finish(); !done) return done.error();
  return MakeScaler([=](const Scenario& scenario, const Truth&, std::uint64_t) {
    const std::int64_t target = std::max<std::int64_t>(ToMilli(share * scenario.Slo().count()), 1);
    return std::make_unique<KedaScaler>(target, polling,
                                        HpaLoop(BoundsOf(scenario), HpaBehavior(window)));
  });
}

}  // namespace evenkeel
