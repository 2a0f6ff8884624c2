// phpa: the predictive-horizontal-pod-autoscaler (jthomperoo/predictive-horizontal-pod-autoscaler
// v0.13: internal/controllers, internal/prediction, internal/scalebehavior, algorithms/*.py).
//
// Every 15 s the HPA's number on ELU (tolerance 0.1) joins a history; a model forecasts not the
// load but the next of these numbers; of the two the larger is taken (`decision`: maximum; minimum,
// mean and median are known too). Then its own defaults of behavior: scale-in by the largest of 300
// s, and 4 pods or 100 % in 60 s, where Kubernetes has 15 s.
//
//   linear       least squares over `history` values (6) and the present one, `lookAhead` seconds
//                ahead (10): the numbers of its documentation
//   holtWinters  `periods` (6) values in a season, `seasons` (4) of them kept, gains 0.9, one
//                step ahead; with too few values the forecast is 0, which `maximum` ignores and the
//                other decisions do not
//
// Where it differs: the history is chronological. The original's PruneHistory turns it around, and
// Holt-Winters, which does not look at the times, then sees it backwards; we take that for an
// error. Trend and season are additive only. Where statsmodels searches for the best start of the
// smoothing by descent, we solve for it. Its first decision of all has the present size for a
// recommendation, as the HPA's has; the original's has none.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "controller/simulate/hpa_loop.hpp"
#include "controller/simulate/hpa_metric.hpp"
#include "controller/simulate/phpa_models.hpp"
#include "policies/params.hpp"

namespace evenkeel {
namespace {

struct PhpaSpec {
  double target = 0.6;
  std::chrono::seconds window{300};
  bool linear = true;
  std::string decision = "maximum";
  std::size_t history = 6;
  std::chrono::milliseconds look_ahead{10'000};
  HoltWintersSpec winters{};

  [[nodiscard]] std::size_t Kept() const {
    return linear ? history : static_cast<std::size_t>(winters.periods * winters.seasons);
  }
};

Behavior PhpaBehavior(std::chrono::seconds window) {
  Behavior behavior = HpaBehavior(window);
  for (ScalingRules* rules : {&behavior.scale_up, &behavior.scale_down}) {
    for (RatePolicy& policy : rules->policies) policy.period = std::chrono::seconds(60);
  }
  return behavior;
}

// Of the HPA's number and the model's.
Replicas Choose(const std::string& decision, Replicas hpa, Replicas model) {
  if (decision == "maximum") return std::max(hpa, model);
  if (decision == "minimum") return std::min(hpa, model);
  if (decision == "median") return std::midpoint(std::min(hpa, model), std::max(hpa, model));
  return std::max(static_cast<Replicas>(std::lround((hpa + model) / 2.0)), 0);
}

class PhpaScaler final : public Scaler {
 public:
  PhpaScaler(const PhpaSpec& spec, const HpaLoop& loop)
      : spec_(spec), metric_(HpaMetric::Utilization(spec.target)), loop_(loop) {}

  [[nodiscard]] SimSeconds Period() const override { return SimSeconds{15}; }
  [[nodiscard]] std::vector<Need> Needs() const override { return {{metric_.Signal()}}; }

  [[nodiscard]] Verdict Tick(const Sight& sight) override {
    Result<Replicas> proposal = metric_.Propose(sight);
    if (proposal) proposal = Choose(spec_.decision, *proposal, Forecast(*proposal, sight.now));
    const std::vector<Result<Replicas>> proposals{proposal};
    return loop_.Reconcile(sight.state, sight.now, proposals);
  }

  // The original keeps the model's history in a ConfigMap, and the rest in its object's status.
  [[nodiscard]] nlohmann::json Status() const override {
    nlohmann::json history = nlohmann::json::array();
    for (const TimedReplicas& value : history_) {
      history.push_back({ToMillis(value.time), value.replicas});
    }
    return {{"loop", loop_.Remember()}, {"history", history}};
  }
  void Resume(const nlohmann::json& status) override {
    loop_.Recall(status.at("loop"));
    history_.clear();
    for (const auto& value : status.at("history")) {
      history_.push_back({FromMillis(value.at(0)), value.at(1)});
    }
  }

 private:
  // With the present number, and pruned only afterwards, as the original has it.
  Replicas Forecast(Replicas present, TimePoint now) {
    history_.push_back({now, present});
    const Replicas forecast = spec_.linear ? LinearForecast(history_, now + spec_.look_ahead)
                                           : HoltWintersForecast(history_, spec_.winters);
    if (history_.size() > spec_.Kept()) history_.erase(history_.begin());
    return forecast;
  }

  PhpaSpec spec_;
  HpaMetric metric_;
  HpaLoop loop_;
  std::vector<TimedReplicas> history_;
};

void ReadModel(Params& params, PhpaSpec& spec) {
  const auto whole = [&params](std::string_view name, double min, double max, double fallback) {
    return static_cast<int>(std::lround(params.Number(name, {.min = min, .max = max}, fallback)));
  };
  spec.linear = params.OneOf("model", {"linear", "holtWinters"}, "linear") == "linear";
  if (spec.linear) {
    spec.history = static_cast<std::size_t>(whole("history", 1, 1000, 6));
    spec.look_ahead = std::chrono::milliseconds(
        std::llround(1000 * params.Number("lookAhead", {.min = 0, .max = 3600}, 10)));
    return;
  }
  spec.winters.periods = whole("periods", 2, 1000, spec.winters.periods);
  spec.winters.seasons = whole("seasons", 2, 100, spec.winters.seasons);
  spec.winters.alpha = params.Number("alpha", {.min = 0, .max = 1}, spec.winters.alpha);
  spec.winters.beta = params.Number("beta", {.min = 0, .max = 1}, spec.winters.beta);
  spec.winters.gamma = params.Number("gamma", {.min = 0, .max = 1}, spec.winters.gamma);
}

}  // namespace

Result<MakeScaler> MakePhpa(const nlohmann::json& settings) {
  Params params(settings);
  PhpaSpec spec;
  spec.target = params.Number("target", {.min = 0.01, .max = 1}, spec.target);
  spec.window = SecondsOf(params, "window", 300);
  spec.decision = params.OneOf("decision", {"maximum", "minimum", "mean", "median"}, spec.decision);
  ReadModel(params, spec);
  if (const Status done = params.Finish(); !done) return done.error();
  return MakeScaler([spec](const Scenario& scenario, const Truth&, std::uint64_t) {
    return std::make_unique<PhpaScaler>(spec,
                                        HpaLoop(BoundsOf(scenario), PhpaBehavior(spec.window)));
  });
}

}  // namespace evenkeel
