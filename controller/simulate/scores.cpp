#include "controller/simulate/scores.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace evenkeel {
namespace {

constexpr double kBadShare = 0.01;  // more than this of a window's requests makes it a bad one
constexpr std::size_t kGoodRun = 3;
constexpr SimSeconds kReversalTime{600};
constexpr SimSeconds kWastedLife{300};
constexpr std::size_t kInstabilityStep = 60;

// The scored part of a series with one value per `step`: what begins in the warm-up is left out.
template <class T>
std::span<const T> Scored(const std::vector<T>& series, SimSeconds warmup, SimSeconds step) {
  const auto skipped = static_cast<std::size_t>(std::ceil(std::max(0.0, warmup / step)));
  return std::span<const T>(series).subspan(std::min(skipped, series.size()));
}

bool IsBad(const WindowRecord& window) { return window.bad > kBadShare * window.requests; }

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// Lengths of the spells, in windows. One that is not over lasts to the end, at least.
std::vector<double> BadSpells(std::span<const WindowRecord> windows) {
  std::vector<double> spells;
  for (std::size_t i = 0; i < windows.size();) {
    if (!IsBad(windows[i])) {
      ++i;
      continue;
    }
    const std::size_t begin = i;
    std::size_t good = 0;
    for (; i < windows.size() && good < kGoodRun; ++i) good = IsBad(windows[i]) ? 0 : good + 1;
    spells.push_back(static_cast<double>(i - (good == kGoodRun ? kGoodRun : 0) - begin));
  }
  return spells;
}

void ScoreUsers(std::span<const WindowRecord> windows, Scores& scores) {
  double requests = 0;
  double bad = 0;
  double bad_windows = 0;
  for (const WindowRecord& window : windows) {
    requests += window.requests;
    bad += window.bad;
    if (IsBad(window)) ++bad_windows;
    if (window.requests > 0) {
      scores.worst_p99 = std::max(scores.worst_p99, static_cast<double>(window.p99));
    }
  }
  scores.bad_requests = requests > 0 ? bad / requests : 0;
  scores.bad_time = windows.empty() ? 0 : bad_windows / static_cast<double>(windows.size());
  scores.time_to_recover = Median(BadSpells(windows)) * kRecordWindow.count();
}

bool IsReversal(const std::vector<ChangeRecord>& changes, std::size_t index) {
  const ChangeRecord& change = changes[index];
  return std::any_of(changes.begin(), changes.begin() + static_cast<std::ptrdiff_t>(index),
                     [&](const ChangeRecord& earlier) {
                       return change.at - earlier.at <= kReversalTime &&
                              (earlier.to > earlier.from) != (change.to > change.from);
                     });
}

void ScoreControl(const Record& record, Scores& scores) {
  for (std::size_t i = 0; i < record.changes.size(); ++i) {
    if (record.changes[i].at < record.warmup) continue;
    ++scores.changes;
    if (IsReversal(record.changes, i)) ++scores.reversals;
  }
  scores.wasted_starts =
      static_cast<double>(std::ranges::count_if(record.pods, [&](const PodRecord& pod) {
        return pod.by_scaler && pod.ended >= record.warmup && pod.ended.count() >= 0 &&
               pod.ended - pod.created < kWastedLife;
      }));
}

int Sign(Replicas difference) { return (difference > 0 ? 1 : 0) - (difference < 0 ? 1 : 0); }

double Instability(std::span<const SecondRecord> seconds) {
  int steps = 0;
  int apart = 0;
  for (std::size_t i = kInstabilityStep; i < seconds.size(); i += kInstabilityStep) {
    const SecondRecord& before = seconds[i - kInstabilityStep];
    const SecondRecord& after = seconds[i];
    ++steps;
    if (Sign(after.ready - before.ready) != Sign(after.needed - before.needed)) ++apart;
  }
  return steps > 0 ? 100.0 * apart / steps : 0;
}

void ScoreReplicas(std::span<const SecondRecord> seconds, Scores& scores) {
  if (seconds.empty()) return;
  Replicas most_needed = 0;
  for (const SecondRecord& second : seconds) {
    const double short_by = std::max(0, second.needed - second.ready);
    const double over_by = std::max(0, second.ready - second.needed);
    const double needed = std::max(1, second.needed);
    scores.replica_hours += second.spec / 3600.0;
    scores.peak = std::max(scores.peak, static_cast<double>(second.spec));
    most_needed = std::max(most_needed, second.needed);
    scores.theta_u += short_by / needed;
    scores.theta_o += over_by / needed;
    scores.tau_u += short_by > 0 ? 1 : 0;
    scores.tau_o += over_by > 0 ? 1 : 0;
  }
  for (double Scores::* member :
       {&Scores::theta_u, &Scores::theta_o, &Scores::tau_u, &Scores::tau_o}) {
    scores.*member *= 100.0 / static_cast<double>(seconds.size());
  }
  scores.overshoot = std::max(0.0, scores.peak / std::max(1, most_needed) - 1);
  scores.instability = Instability(seconds);
}

}  // namespace

const std::array<ScoreField, kScoreCount>& ScoreFields() {
  static constexpr std::array<ScoreField, kScoreCount> kFields{{
      {"badRequests", &Scores::bad_requests},
      {"badTime", &Scores::bad_time},
      {"replicaHours", &Scores::replica_hours},
      {"timeToRecover", &Scores::time_to_recover},
      {"worstP99", &Scores::worst_p99},
      {"changes", &Scores::changes},
      {"reversals", &Scores::reversals},
      {"peak", &Scores::peak},
      {"overshoot", &Scores::overshoot},
      {"wastedStarts", &Scores::wasted_starts},
      {"thetaU", &Scores::theta_u},
      {"thetaO", &Scores::theta_o},
      {"tauU", &Scores::tau_u},
      {"tauO", &Scores::tau_o},
      {"instability", &Scores::instability},
  }};
  return kFields;
}

Scores ScoreOf(const Record& record) {
  Scores scores;
  ScoreUsers(Scored(record.windows, record.warmup, kRecordWindow), scores);
  ScoreReplicas(Scored(record.seconds, record.warmup, SimSeconds{1}), scores);
  ScoreControl(record, scores);
  return scores;
}

}  // namespace evenkeel
