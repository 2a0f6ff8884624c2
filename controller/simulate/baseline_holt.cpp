// holt: a reconstruction of the scaler in Platformatic's Intelligent Command Center, the direct
// peer for Node.js (platformatic/intelligent-command-center, services/scaler). Its second version's
// predictor is closed: the open repository has its knobs only, and so this is what they say, put
// together plainly:
//
//   asks       every pod directly, once a second, for its ELU; pods that have been ready for less
//              than 10 s do not count
//   forecasts  the sum over pods by Holt's smoothing over the last 90 s, level gain 0.2 up and 0.1
//              down, trend gain 0.12 and 0.1, ahead by 1.2 times the start-up of pods (mean of the
//              last 5, at first 30 s), within 25 to 40 s
//   out        to ceil(forecast / (target · (1 - 0.1))), by at most 4 pods; not within 5 s of the
//              last change
//   in         one pod, if the others would stay below target · (1 - 0.3) by the forecast and by
//              the level; not within 180 s of a scale-out, or 60 s of a scale-in
//   settling   for 30 s after pods came or went, load changes hands ("redistribution"): the trend
//              is not learnt from such samples, and nothing is taken away
//
// Our own choices, as the knobs do not tell: the model is plain Holt, not damped; decisions fall
// every 5 s; `settling` is what the redistribution time is for; heap is left out.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "controller/simulate/baseline_parts.hpp"
#include "controller/simulate/holt_trend.hpp"
#include "policies/params.hpp"

namespace evenkeel {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kWindow = 90;  // samples, one a second
constexpr seconds kDecideEvery{5};
constexpr SimSeconds kReadinessDelay{10};
constexpr seconds kSettling{30};
constexpr double kMarginUp = 0.1;
constexpr double kMarginDown = 0.3;
constexpr Replicas kMostAtOnce = 4;
constexpr seconds kUpAfterUp{5};
constexpr seconds kUpAfterDown{5};
constexpr seconds kDownAfterUp{180};
constexpr seconds kDownAfterDown{60};

// Learns how long pods take to start, from those it has seen starting.
class StartupClock {
 public:
  void Watch(const std::vector<PodFact>& pods, TimePoint now) {
    for (const PodFact& pod : pods) {
      if (pod.starting) {
        starting_.try_emplace(pod.name, now);
      } else if (const auto begun = starting_.find(pod.name); begun != starting_.end()) {
        if (pod.ready) Learn(now - begun->second);
        starting_.erase(begun);
      }
    }
  }

  // How far ahead to look, in seconds.
  [[nodiscard]] double Horizon() const {
    double startup = 30;
    if (!last_.empty()) {
      startup = std::accumulate(last_.begin(), last_.end(), SimSeconds{0}).count() /
                static_cast<double>(last_.size());
    }
    return std::clamp(1.2 * startup, 25.0, 40.0);
  }

 private:
  void Learn(SimSeconds startup) {
    last_.push_back(startup);
    if (last_.size() > 5) last_.pop_front();
  }

  std::map<std::string, TimePoint> starting_;  // when first seen
  std::deque<SimSeconds> last_;
};

class HoltScaler final : public Scaler {
 public:
  HoltScaler(double target, const ReplicaBounds& bounds) : target_(target), bounds_(bounds) {}

  [[nodiscard]] SimSeconds Period() const override { return SimSeconds{1}; }
  [[nodiscard]] bool AsksPods() const override { return true; }

  [[nodiscard]] Verdict Tick(const Sight& sight) override {
    Watch(sight);
    const Replicas current = sight.state.spec_replicas;
    if (samples_.empty()) return {current, "NoData"};
    if (decided_ && sight.now < *decided_ + kDecideEvery) return {current, "Collecting"};
    decided_ = sight.now;
    Verdict verdict = Decide(current, sight.now);
    verdict.replicas = bounds_.Clamp(verdict.replicas);
    if (verdict.replicas > current) scaled_out_ = sight.now;
    if (verdict.replicas < current) scaled_in_ = sight.now;
    return verdict;
  }

 private:
  void Watch(const Sight& sight) {
    startups_.Watch(sight.state.pods, sight.now);
    double sum = 0;
    Replicas ready = 0;
    bool any = false;
    for (const PodSample& pod : sight.pods) {
      if (!pod.ready) continue;
      ++ready;
      if (pod.age < kReadinessDelay) continue;
      any = true;
      sum += pod.utilization;
    }
    if (ready_ && *ready_ != ready) settled_from_ = sight.now + kSettling;
    ready_ = ready;
    if (!any) return;
    samples_.push_back({sum, Settled(sight.now)});
    if (samples_.size() > kWindow) samples_.erase(samples_.begin());
  }

  [[nodiscard]] bool Settled(TimePoint now) const { return now >= settled_from_; }

  [[nodiscard]] Verdict Decide(Replicas current, TimePoint now) const {
    const HoltState state = SmoothHolt(samples_, HoltGains{});
    const double forecast = state.Ahead(startups_.Horizon());
    const double wanted = CeilOf(forecast / (target_ * (1 - kMarginUp)));
    if (wanted > current) {
      if (Within(scaled_out_, kUpAfterUp, now) || Within(scaled_in_, kUpAfterDown, now)) {
        return {current, "Cooldown"};
      }
      return {bounds_.Clamp(std::min<double>(wanted, current + kMostAtOnce)), "ForecastAbove"};
    }
    const double load = std::max(forecast, state.level);
    if (current <= 1 || load / (current - 1) >= target_ * (1 - kMarginDown)) {
      return {current, "InTarget"};
    }
    if (!Settled(now) || Within(scaled_out_, kDownAfterUp, now) ||
        Within(scaled_in_, kDownAfterDown, now)) {
      return {current, "Cooldown"};
    }
    return {current - 1, "ForecastBelow"};
  }

  static bool Within(std::optional<TimePoint> event, seconds cooldown, TimePoint now) {
    return event && now < *event + cooldown;
  }

  double target_;
  ReplicaBounds bounds_;
  StartupClock startups_;
  std::vector<HoltSample> samples_;
  std::optional<Replicas> ready_{};  // at the last tick
  TimePoint settled_from_{};
  std::optional<TimePoint> decided_{};
  std::optional<TimePoint> scaled_out_{};
  std::optional<TimePoint> scaled_in_{};
};

}  // namespace

Result<MakeScaler> MakeHolt(const nlohmann::json& settings) {
  Params params(settings);
  const double target = params.Number("target", {.min = 0.01, .max = 1}, 0.8);
  if (const Status done = params.Finish(); !done) return done.error();
  return MakeScaler([target](const Scenario& scenario, const Truth&, std::uint64_t) {
    return std::make_unique<HoltScaler>(target, BoundsOf(scenario));
  });
}

}  // namespace evenkeel
