#include "policies/slo_demand.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "policies/slo_in_flight.hpp"

namespace evenkeel::slo {
namespace {

// Scrapes until pods that begin to serve show in the loops' utilization, on average: it is of the
// time between two scrapes, of which the last one is half an interval old, and a turn sees it
// later.
constexpr double kSeenAfter = 2;
// s that readings are gathered for where they come closer: a little less than kApart, for turns are
// a little early or late.
constexpr double kTogether = 0.9 * kApart;
// Gains of a reading that comes kReading after the last one.
constexpr double kLevelGain = 0.5;
constexpr double kTrendGain = 0.2;
constexpr double kNoiseGain = 0.1;
constexpr double kUsualGain = 0.3;
constexpr double kWorkGain = 0.1;
constexpr double kDueGain = 0.05;
// Fewer requests/s than these do not tell the work per request.
constexpr double kFewRequests = 1;
// After this long without a reading, nothing is known of the demand any more, s: two of the longest
// rounds.
constexpr double kForgotten = 600;
// An overload that hides the loops may last longer, s.
constexpr double kBlind = 900;
// Of the time from scrape to scrape: what is as good as all of it.
constexpr double kWhole = 0.9;
// A reading this many times the noise (or this share of the level, if more) off is a new level.
constexpr double kJump = 4;
constexpr double kLeastNoise = 0.03;
// Of a trend that goes on until the pod serves, this much is provided for, if beyond the noise.
constexpr double kTrendShare = 0.8;
constexpr double kSignificant = 2;
// A backlog: lag above the usual by so many objectives.
constexpr double kBacklog = 2;
// Loops this busy had no idle moment but by the edges of the scrapes.
constexpr double kAlwaysBusy = 0.97;
// Where lag does not tell how much is offered to a saturated loop.
constexpr double kUnknownLoad = 1.2;
// Estimates above this many times the capacity are new growth, not a backlog that drains; and what
// was counted, not its noise.
constexpr double kGrows = 1.15;
constexpr double kGrowsCounted = 1.05;
// Of the level or the surge, what it is taken to grow by at most.
constexpr double kMostClimb = 0.8;
// A backlog drains if lag falls by more than this share of its objective from turn to turn.
constexpr double kDrains = 0.5;

double SecondsBetween(TimePoint from, TimePoint to) {
  return std::chrono::duration<double>(to - from).count();
}

double Gain(double gain, double elapsed) { return 1 - std::pow(1 - gain, elapsed / kReading); }

std::optional<double> ValueOf(const PodSpread& spread, std::string_view pod) {
  const auto found = std::ranges::lower_bound(spread.values, pod, {}, &PodValue::pod);
  if (found == spread.values.end() || found->pod != pod) return std::nullopt;
  return found->value;
}

// Load over capacity of a loop whose lag grew by so much per second.
double LoadAt(double growth) {
  const double half = std::clamp(growth, -1.0, 1.0) / 2;
  return (1 + half) / (1 - half);
}

// s that the lag of a pod which was always busy has grown for: since the last turn, which with rare
// turns is longer than the `interval` of scrapes. When a new overload began in there is not known.
double GrownFor(const View& view, const Model& model, double interval) {
  const double apart = std::max(interval, Since(view, model.at));
  return model.surge > 0 ? apart : (interval + apart) / 2;
}

// What is offered to a pod with a backlog.
double Offered(double busy, double lag, const Model& model, double interval, double grown_for) {
  if (busy >= kAlwaysBusy) return LoadAt((lag - model.last_lag) / grown_for);
  // Until the overload began it was as busy as usual. The share is of two readings with errors.
  const double overloaded = std::clamp((busy - model.busy) / (1 - model.busy), 0.15, 1.0);
  return std::max(busy, LoadAt((lag - model.lag) / (overloaded * interval)));
}

bool HasBacklog(const View& view, const Model& model, double lag) {
  return lag - model.lag >= kBacklog * view.lag_objective;
}

// Mean load offered per pod, where lag and utilization of the pods tell.
std::optional<double> OfferedPerPod(const View& view, const Model& model) {
  const Readings& readings = view.input.readings;
  const auto& busy = readings.Find(signal::kEventLoopUtilization).pods;
  const auto& lag = readings.Find(signal::kEventLoopLagP99).pods;
  if (!busy || busy->values.empty() || !lag || busy->interval <= 0 || model.busy >= kAlwaysBusy)
    return std::nullopt;
  const double grown_for = GrownFor(view, model, busy->interval);
  double sum = 0;
  for (const PodValue& pod : busy->values) {
    const double waited = ValueOf(*lag, pod.pod).value_or(0);
    const bool queued = HasBacklog(view, model, waited);
    sum += queued ? Offered(pod.value, waited, model, busy->interval, grown_for) : pod.value;
  }
  return sum / static_cast<double>(busy->values.size());
}

// Erlangs of the requests that came; 0 if that is not known. What ends while more end than come is
// the backlog, too: then only the whole window tells.
double OfferedByRate(const View& view, const Model& model) {
  if (!view.rate || model.work <= 0) return 0;
  const double over_window = PiledOverWindow(view, model.in_flight);
  double came = *view.rate + over_window;
  const double lately = PiledSinceLast(view, model.in_flight);
  if (over_window >= 0) came = std::max(came, *view.rate + lately);
  // After a window nothing of the load before is left in it.
  if (Since(view, model.calm) <= static_cast<double>(view.input.target.window.count())) {
    came = std::max(came, RateSince(view, model) + lately);
  }
  return came * model.work;
}

// Is what came known, and not only what went?
bool IsCounted(const View& view, const Model& model) {
  return view.rate && model.work > 0 && IsFollowed(view, model.in_flight);
}

// Of an overload that goes on. A proxy counts a request when it ends: while pods drain a backlog,
// the rate is that of the backlog, too, and a little more than before is nothing new.
double SurgeByRate(const View& view, const Model& model, double by_rate) {
  const double grows = IsCounted(view, model) ? kGrowsCounted : kGrows;
  return by_rate > grows * model.surge ? by_rate : model.surge;
}

// Erlangs that the overload needs, as far as was seen since it began.
double Surge(const View& view, const Model& model) {
  const double by_rate = OfferedByRate(view, model);
  const double capacity = view.serving;
  if (!view.utilization) return SurgeByRate(view, model, by_rate);
  const bool counted = IsCounted(view, model);
  const auto offered = counted ? by_rate / capacity : OfferedPerPod(view, model);
  const double seen = std::max(by_rate, (offered ? *offered : kUnknownLoad) * capacity);
  if (model.surge <= 0) return std::max(seen, std::min(view.quartile, 1.0) * capacity);
  const bool grows = offered && *offered > kGrows;
  const bool drains = view.lag && *view.lag < model.last_lag - kDrains * view.lag_objective;
  const bool stuck = !view.after_saturation && view.quartile >= kSaturated && !drains;
  if (grows || stuck) return std::max({model.surge, seen, capacity});
  return SurgeByRate(view, model, by_rate);
}

// While pods drain a backlog they run at 1.0 whatever arrives: then the coolest quarter speaks.
double Shown(const View& view, double serving) {
  const double busy = view.after_saturation ? view.quartile : *view.utilization;
  return busy * serving;
}

// Pods that served on average over what the utilization is of; harmonic, for each had its share of
// the load.
double Serving(const View& view, const Model& model, double elapsed) {
  const auto& busy = view.input.readings.Find(signal::kEventLoopUtilization).pods;
  const double window = static_cast<double>(view.input.target.window.count());
  const double lag = busy && busy->interval > 0 ? kSeenAfter * busy->interval : window / 2;
  const double newer = 1 - std::exp(-elapsed / lag);
  const double share =
      (1 - newer) / std::max(model.serving, 1.0) + newer / std::max(view.serving, 1);
  return 1 / share;
}

// How old the loops' newest sample may be: a scrape's interval, or as old as it is, where samples
// come with a delay.
double Due(const View& view) {
  const Reading& busy = view.input.readings.Find(signal::kEventLoopUtilization);
  const double interval = busy.pods ? busy.pods->interval : 0;
  return interval > 0 ? std::max(interval, Since(view, busy.sample_time)) : 0;
}

Model Anew(const View& view, double shown) {
  const TimePoint now = view.input.now;
  Model model{.at = now, .level = shown, .noise = kLeastNoise * shown, .calm = now};
  model.busy = std::min(*view.utilization, kSaturated);
  model.lag = model.last_lag = view.lag.value_or(0);
  model.rate = model.last_rate = view.rate.value_or(0);
  model.rate_at = view.rate_at;
  model.serving = view.serving;
  model.due = Due(view);
  return model;
}

// A new level. One jump tells of no trend, and two may be one whose begin the first has seen; of
// three upwards in a row the gentlest is one. Where turns are closer than scrapes, all of them may
// be of one.
void Leap(Model& model, double shown, double elapsed) {
  const bool apart = model.due > 0 && elapsed >= kWhole * model.due;
  const double slope = apart ? std::max((shown - model.level) / elapsed, 0.0) : 0;
  model.trend = std::min(slope, model.leaps);
  model.leaps = std::min(slope, model.leap);
  model.leap = slope;
  model.level = shown;
}

void Follow(Model& model, double shown, double elapsed) {
  const double predicted = model.level + model.trend * elapsed;
  const double error = shown - predicted;
  if (std::abs(error) > kJump * std::max(model.noise, kLeastNoise * model.level)) {
    return Leap(model, shown, elapsed);
  }
  model.leap = model.leaps = 0;
  model.noise += Gain(kNoiseGain, elapsed) * (std::abs(error) - model.noise);
  const double level = predicted + Gain(kLevelGain, elapsed) * error;
  const double slope = (level - model.level) / elapsed;
  model.trend += Gain(kTrendGain, elapsed) * (slope - model.trend);
  model.level = level;
}

// Readings that come closer together are noise for the most part: their mean counts as one.
void Gather(Model& model, double shown, double elapsed) {
  const double span = model.gathered_for + elapsed;
  const double sum = model.gathered + shown * elapsed;
  const bool enough = span >= kTogether;
  if (enough) Follow(model, model.gathered_for > 0 ? sum / span : shown, span);
  model.gathered = enough ? 0 : sum;
  model.gathered_for = enough ? 0 : span;
}

// A rate lags behind a demand that changes: the work per request is learned slowly.
void LearnWork(const View& view, Model& model, double shown, double elapsed) {
  if (!view.rate || *view.rate < kFewRequests) return;
  const double work = shown / *view.rate;
  model.work = model.work <= 0 ? work : model.work + Gain(kWorkGain, elapsed) * (work - model.work);
  model.rate += Gain(kUsualGain, elapsed) * (*view.rate - model.rate);
}

void RememberUsual(const View& view, Model& model, double elapsed) {
  const double gain = Gain(kUsualGain, elapsed);
  model.busy += gain * (*view.utilization - model.busy);
  if (view.lag) model.lag += gain * (*view.lag - model.lag);
  const double due = Due(view);
  model.due = std::max(due, model.due + Gain(kDueGain, elapsed) * (due - model.due));
  model.calm = view.input.now;
}

// When a pod that is asked for now serves: a round, its start, and half the age of the readings.
double Horizon(const View& view) { return view.startup + kReading; }

double Ahead(const View& view, const Model& model) {
  const double rise = std::max(model.trend, 0.0) * Horizon(view);
  if (rise <= kSignificant * model.noise) return model.level;
  return model.level + std::min(kTrendShare * rise, kMostClimb * model.level);
}

// What the surge will have grown by when a pod serves. Of two rises the smaller one counts: the
// first reading of a step has seen a part of it, and the second one the rest.
double Climb(const View& view, double before, Model& model, double elapsed) {
  if (before <= 0 || elapsed <= 0) return 0;
  const double last = std::exchange(model.climb, (model.surge - before) / elapsed);
  const double rise = std::min(last, model.climb) * Horizon(view);
  return std::clamp(kTrendShare * rise, 0.0, kMostClimb * model.surge);
}

// s since what a rise is measured from; 0 where that is too near to tell one.
double Span(const View& view, const Model& model, double elapsed) {
  if (elapsed >= kApart || !view.rate) return elapsed;
  const double apart = SecondsBetween(model.rate_at, view.rate_at);
  return apart >= kApart ? apart : 0;
}

void Overload(const View& view, Demand& demand, double span) {
  Model& model = demand.model;
  const double before = model.surge;
  if (span > 0 || before <= 0) {
    model.surge = Surge(view, model);
    model.climbs_by = Climb(view, before, model, span);
  }
  demand.ahead = model.surge + model.climbs_by;
  model.level = std::max(model.level, model.surge);
  model.trend = model.leap = model.leaps = model.gathered = model.gathered_for = 0;
  demand.now = model.surge;
}

void Calm(const View& view, Demand& demand, double elapsed) {
  Model& model = demand.model;
  const double shown = Shown(view, model.serving);
  model.surge = model.climb = model.climbs_by = 0;
  if (elapsed > 0) {
    Gather(model, shown, elapsed);
    LearnWork(view, model, shown, elapsed);
    RememberUsual(view, model, elapsed);
  }
  demand.now = model.level;
  demand.ahead = Ahead(view, model);
}

void RememberRate(const View& view, Model& model, bool calm) {
  if (view.rate) {
    model.last_rate = *view.rate;
    model.rate_at = view.rate_at;
  }
  model.in_flight = RememberInFlight(view, std::move(model.in_flight), calm);
}

// Loops that answer no scrape while requests are late are overloaded, if they were known just now.
bool IsBlind(const View& view) {
  const auto& model = view.memory.model;
  return !view.utilization && Breached(view.latency) && model && model->work > 0 &&
         Since(view, model->calm) <= kBlind;
}

// Hot loops, and more requests coming than they can serve: seen before a scrape shows it.
bool PilesUp(const View& view, const Model& model) {
  return view.in_flight && view.heat == Heat::kHot && OfferedByRate(view, model) >= view.serving;
}

// Is more offered than the loops can do, or do they have a backlog?
bool IsOverload(const View& view, const Model& model) {
  const bool queued = view.lag && HasBacklog(view, model, *view.lag) && view.hot_pod.empty();
  return view.quartile >= kSaturated || queued || PilesUp(view, model);
}

Model Recalled(const View& view) {
  const auto& model = view.memory.model;
  const bool forgotten = !model || Since(view, model->at) > kForgotten;
  return forgotten && view.utilization ? Anew(view, Shown(view, view.serving)) : *model;
}

}  // namespace

std::optional<Demand> EstimateDemand(const View& view) {
  const bool blind = IsBlind(view);
  if (!view.utilization && !blind) return std::nullopt;
  Demand demand{.horizon = Horizon(view), .model = Recalled(view)};
  Model& model = demand.model;
  demand.overload = blind || IsOverload(view, model);
  const double elapsed = Since(view, model.at);
  model.serving = Serving(view, model, elapsed);
  const double span = Span(view, model, elapsed);
  if (demand.overload) {
    Overload(view, demand, span);
  } else {
    Calm(view, demand, elapsed);
  }
  model.last_lag = view.lag.value_or(model.last_lag);
  if (span > 0 || elapsed <= 0) RememberRate(view, model, !demand.overload);
  model.at = view.input.now;
  return demand;
}

}  // namespace evenkeel::slo
