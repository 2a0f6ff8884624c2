#include "policies/slo_view.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "policies/pod_spread.hpp"
#include "policies/slo_target.hpp"

namespace evenkeel::slo {
namespace {

using std::chrono::milliseconds;
using Seconds = std::chrono::duration<double>;

// Lag above which a loop counts as hot when the policy states no objective, s (node.md § 2: lag
// above 100 ms means a utilization of 0.9 and more for short handlers).
constexpr double kDefaultLag = 0.100;
// Above the usual, of the lag objective.
constexpr double kColdLag = 0.5;
// Of the target utilization: what a cold loop stays below. Where lag is known, it says itself
// whether requests wait for the loop, and a service at its target is no suspect.
constexpr double kColdBusy = 0.9;
constexpr double kColdBusyByLag = 1.1;
constexpr double kHotQuartile = 0.70;  // a quarter of the pods is cooler than this
constexpr double kHotMean = 0.85;
// More than this many times the usual rate is no noise of it.
constexpr double kFlood = 1.15;
// What a scrape of a loop that is not overloaded may take, s.
constexpr double kLongScrape = 1;
constexpr milliseconds kDefaultStartup{35'000};
// In windows of the rates, which hold four scrapes and more: a step shows in latency when the old
// requests have left the window and a round has passed (control.md § 2.5: 75 s at 60 s); pods
// that a load above capacity asked for show in their ELU after two scrapes.
constexpr double kStepSettles = 1.25;
constexpr double kSaturationSettles = 0.5;

std::optional<double> Known(const Input& input, std::string_view name) {
  const Reading& reading = input.readings.Find(name);
  if (!reading.HasValue()) return std::nullopt;
  return reading.value;
}

std::optional<double> Over(std::optional<double> value, std::optional<double> objective) {
  if (!value || !objective) return std::nullopt;
  return *value / *objective;
}

std::optional<double> SecondsOf(std::optional<milliseconds> duration) {
  if (!duration) return std::nullopt;
  return Seconds(*duration).count();
}

// The lag that a quarter of the pods has, and at least two of three and more: one bad pod is not
// overload, and pods are scraped one after the other.
double TypicalLag(const Reading& reading) {
  if (!reading.pods || reading.pods->values.size() < 3) return reading.value;
  std::vector<double> lags;
  for (const PodValue& pod : reading.pods->values) lags.push_back(pod.value);
  const std::size_t rank = std::max<std::size_t>(2, (lags.size() + 3) / 4) - 1;
  std::ranges::nth_element(lags, lags.begin() + static_cast<std::ptrdiff_t>(rank), std::greater{});
  return lags[rank];
}

// Did the loops speak after requests began to be late, and had no overload?
bool SpokeOfBreach(const View& view, TimePoint spoke) {
  const auto& ascent = view.memory.ascent;
  return ascent && ascent->at <= spoke && view.memory.model->surge <= 0;
}

// Do so many more requests than usual end at the proxy that the loops must be hot? It counts them
// late in an overload: there are even more.
bool IsFlooded(const View& view, const Model& model) {
  if (model.surge > 0) return true;
  const double came = RateSince(view, model);
  return came > kFlood * model.rate && came * model.work >= kHotQuartile * view.serving;
}

// Is a scrape of the loops due that has not come? A sample older than two scrapes that still counts
// is one that came late, for a scrape that failed is told by then.
bool IsDue(const Model& model, double age) {
  return age > model.due + kLongScrape && age <= 2 * model.due + kLongScrape;
}

// Requests are late, the proxy has been scraped since and shows why, and a scrape of the loops that
// is due does not come: what they said before is of a time before the breach, and an overloaded pod
// answers no scrape (slo_demand.hpp). Nothing is known of them.
bool Overdue(const View& view) {
  const auto& model = view.memory.model;
  const Reading& busy = view.input.readings.Find(signal::kEventLoopUtilization);
  if (!Breached(view.latency) || !view.rate || !busy.HasValue()) return false;
  if (!model || model->due <= 0 || model->work <= 0) return false;
  return view.rate_at > busy.sample_time && IsDue(*model, Since(view, busy.sample_time)) &&
         !SpokeOfBreach(view, busy.sample_time) && IsFlooded(view, *model);
}

void LookAtLag(View& view) {
  view.lag_objective =
      SecondsOf(view.input.target.objectives.event_loop_lag_p99).value_or(kDefaultLag);
  if (view.overdue) return;
  const Reading& reading = view.input.readings.Find(signal::kEventLoopLagP99);
  if (!reading.HasValue()) return;
  view.lag = TypicalLag(reading);
  view.lag_ratio = *view.lag / view.lag_objective;
  const double usual = view.memory.model ? view.memory.model->lag : 0;
  view.lag_low = *view.lag_ratio < 1 && *view.lag - usual < kColdLag * view.lag_objective;
  const bool apart = reading.pods && reading.pods->pods > 2 && view.lag_low &&
                     reading.pods->max - usual >= view.lag_objective;
  if (apart) view.hot_pod = reading.pods->max_pod;
}

double MeanWithout(const PodSpread& spread, std::string_view left_out) {
  double sum = 0;
  int count = 0;
  for (const PodValue& pod : spread.values) {
    if (pod.pod == left_out) continue;
    sum += pod.value;
    ++count;
  }
  return count == 0 ? spread.mean : sum / count;
}

void LookAtUtilization(View& view) {
  const Input& input = view.input;
  view.target_utilization = input.target.objectives.event_loop_utilization.value_or(
      TargetUtilization(view.memory, input.now));
  if (view.overdue) return;
  view.utilization = Known(input, signal::kEventLoopUtilization);
  if (!view.utilization) return;
  const auto& pods = input.readings.Find(signal::kEventLoopUtilization).pods;
  view.quartile = pods ? pods->p25 : *view.utilization;
  if (pods && !view.hot_pod.empty()) view.utilization = MeanWithout(*pods, view.hot_pod);
}

Heat JudgeByLag(const View& view) {
  if (!view.lag_ratio) return Heat::kUnknown;
  if (*view.lag_ratio >= 1) return Heat::kHot;
  return *view.lag_ratio < kColdLag ? Heat::kCold : Heat::kWarm;
}

Heat JudgeHeat(const View& view) {
  if (!view.utilization) return JudgeByLag(view);
  if (view.quartile >= kHotQuartile || *view.utilization >= kHotMean) return Heat::kHot;
  // Lag shows an overload that began since the last scrape but one, which ELU has averaged away.
  if (view.lag_ratio && *view.lag_ratio >= 1 && *view.utilization >= kIdle) return Heat::kHot;
  const double cold = view.lag_ratio ? kColdBusyByLag : kColdBusy;
  const bool idle_enough = *view.utilization < cold * view.target_utilization;
  return view.lag_low && idle_enough ? Heat::kCold : Heat::kWarm;
}

// The pods that answer scrapes, by the lag that they tell where that is known.
const PodSpread* Heard(const Input& input) {
  for (const auto name : {signal::kEventLoopLagP99, signal::kEventLoopUtilization}) {
    const Reading& reading = input.readings.Find(name);
    if (reading.HasValue()) return reading.pods ? &*reading.pods : nullptr;
  }
  return nullptr;
}

// Ready pods that do not answer scrapes, in the order of the caches. Those who became ready less
// than a window ago may not have been asked yet.
std::vector<std::string> SilentPods(const Input& input) {
  std::vector<std::string> silent;
  const PodSpread* heard = Heard(input);
  const auto newest = input.state.newest_ready;
  if (heard == nullptr || !newest || input.now - *newest <= input.target.window) return silent;
  for (const PodFact& pod : input.state.pods) {
    const bool serves = pod.ready && !pod.terminating;
    if (serves && !std::ranges::binary_search(heard->values, pod.name, {}, &PodValue::pod)) {
      silent.push_back(pod.name);
    }
  }
  return silent;
}

// An overloaded pod answers no scrape (slo_demand.hpp). Where the others are cold, it is alone.
void LookForSilentPods(View& view) {
  const std::vector<std::string> silent = SilentPods(view.input);
  view.silent = static_cast<int>(silent.size());
  if (!Breached(view.latency) || view.heat != Heat::kCold || !view.hot_pod.empty()) return;
  const auto few = static_cast<std::size_t>(view.input.state.ready + 3) / 4;
  view.hot_silent = !silent.empty() && silent.size() <= few;
  if (view.hot_silent) view.hot_pod = silent.front();
}

// s until the effect of a step shows: start-up, then `windows` of the rates.
double DeadTime(const View& view, double windows) {
  return view.startup + windows * Seconds(view.input.target.window).count();
}

template <class Begun>
bool EffectPending(const View& view, const std::optional<Begun>& mark, double windows) {
  return mark && Since(view, mark->at) < DeadTime(view, windows);
}

// A pod that crashes over and over, or finds no node, is not waited for for good.
bool PodsStart(const View& view) {
  const TargetState& state = view.input.state;
  if (state.pending == 0) return false;
  const auto& size = view.memory.size;
  return state.rollout_in_progress || !size || size->from != view.replicas ||
         Since(view, size->at) < 2 * DeadTime(view, kStepSettles);
}

// A step that was not taken (observed only, refused, held back) has no effect to wait for.
void LookAtSteps(View& view) {
  const Memory& memory = view.memory;
  const auto grew = [&](const auto& mark) { return mark && view.replicas > mark->from; };
  view.after_step = grew(memory.step) && EffectPending(view, memory.step, kStepSettles);
  view.after_saturation =
      grew(memory.saturation) && EffectPending(view, memory.saturation, kSaturationSettles);
  const bool shrank = memory.shrink && view.replicas < memory.shrink->from;
  view.after_shrink = shrank && EffectPending(view, memory.shrink, kStepSettles);
  view.after_probe = EffectPending(view, memory.probe, kStepSettles);
  view.pods_start = PodsStart(view);
  const Seconds settled = Seconds(view.input.target.window) * kStepSettles;
  view.after_queue = memory.queue && view.input.now - *memory.queue <= settled;
}

// Of a reading; whether there was any, and others are left.
bool LeaveOut(const std::set<std::string_view>& pods, Reading& reading) {
  if (!reading.pods) return false;
  std::vector<PodValue> left = reading.pods->values;
  std::erase_if(left, [&](const PodValue& pod) { return pods.contains(pod.pod); });
  if (left.empty() || left.size() == reading.pods->values.size()) return false;
  reading.pods = SpreadOver(std::move(left), reading.pods->interval);
  reading.value = reading.pods->mean;
  return true;
}

int Serving(const TargetState& state) {
  return state.ready > 0 ? std::min(state.ready, state.spec_replicas) : state.spec_replicas;
}

// A service may work without requests (a queue, a timer): its event loop tells.
bool Idle(const View& view) {
  if (Unreadable(view, signal::kInFlight)) return false;
  const bool loops_sleep = !view.utilization || *view.utilization < kAsleep;
  return view.rate && *view.rate <= 0 && view.in_flight.value_or(0) <= 0 && loops_sleep;
}

}  // namespace

bool Unreadable(const View& view, std::string_view name) {
  const Reading& reading = view.input.readings.Find(name);
  return !reading.AllowsScaleIn() && reading.state != ReadingState::kNoData;
}

double Since(const View& view, TimePoint at) { return Seconds(view.input.now - at).count(); }

double Reach(const View& view, TimePoint last) {
  const double window = Seconds(view.input.target.window).count();
  const double apart = std::max(Seconds(view.rate_at - last).count(), kApart);
  return window - std::min(apart, window / 2);
}

double RateSince(const View& view, TimePoint at, double rate, double usual) {
  const double window = Seconds(view.input.target.window).count();
  const double reach = Reach(view, at);
  return usual + (*view.rate - rate) * reach / (window - reach);
}

double RateSince(const View& view, const Model& model) {
  return RateSince(view, model.rate_at, model.last_rate, model.rate);
}

bool InDeadTime(const View& view, TimePoint begun) {
  return Since(view, begun) < DeadTime(view, kStepSettles);
}

std::optional<Readings> WithoutUnready(const Input& input) {
  std::set<std::string_view> unready;
  for (const PodFact& pod : input.state.pods) {
    if (!pod.ready) unready.insert(pod.name);
  }
  if (unready.empty()) return std::nullopt;
  Readings readings = input.readings;
  bool changed = false;
  for (auto& [name, reading] : readings) changed = LeaveOut(unready, reading) || changed;
  return changed ? std::optional(std::move(readings)) : std::nullopt;
}

View Look(const Input& input) {
  const Objectives& objectives = input.target.objectives;
  View view{.input = input, .memory = ReadMemory(input.memory, input.now)};
  view.replicas = input.state.spec_replicas;
  view.serving = Serving(input.state);
  view.startup = Seconds(input.state.startup.value_or(kDefaultStartup)).count();
  view.latency = Over(Known(input, signal::kLatencyP99), SecondsOf(objectives.latency_p99));
  view.late = Known(input, signal::kBadRatio);
  view.errors = Over(Known(input, signal::kErrorRate), objectives.error_rate);
  view.rate = Known(input, signal::kRequestRate);
  view.rate_at = input.readings.Find(signal::kRequestRate).sample_time;
  view.in_flight = Known(input, signal::kInFlight);
  view.in_flight_at = input.readings.Find(signal::kInFlight).sample_time;
  view.overdue = Overdue(view);
  LookAtLag(view);
  LookAtUtilization(view);
  view.idle = Idle(view);
  view.heat = JudgeHeat(view);
  LookForSilentPods(view);
  LookAtSteps(view);
  return view;
}

std::string_view ToString(Heat heat) {
  switch (heat) {
    case Heat::kUnknown:
      return "unknown";
    case Heat::kCold:
      return "cold";
    case Heat::kWarm:
      return "warm";
    case Heat::kHot:
      return "hot";
  }
  return "unknown";
}

}  // namespace evenkeel::slo
