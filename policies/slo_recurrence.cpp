#include "policies/slo_recurrence.hpp"

#include <algorithm>

namespace evenkeel::slo {
namespace {

// s
constexpr double kSoon = 600;
constexpr double kLeast = 300;
constexpr double kMost = 1800;
constexpr double kForgotten = 6 * 3600;
constexpr double kPeakForgotten = 3600;
constexpr double kMargin = 1.5;
// What is this near to the peak is still the peak.
constexpr double kAtPeak = 0.9;

double Hold(const View& view) {
  const auto& recurrence = view.memory.recurrence;
  if (!recurrence || Since(view, recurrence->at) > kForgotten) return 0;
  return recurrence->hold;
}

void FollowPeak(const View& view, double demand, Memory& memory) {
  std::optional<Peak>& peak = memory.peak;
  const bool old = peak && Since(view, peak->at) > kPeakForgotten;
  if (!peak || old) peak = Peak{view.input.now, demand};
  peak->demand = std::max(peak->demand, demand);
  if (demand >= kAtPeak * peak->demand) peak->at = view.input.now;
}

// Not of a scale-in that the peak did not see.
bool IsRegretted(const View& view, const Memory& memory) {
  const auto& fewer = memory.fewer;
  return memory.peak && fewer && view.replicas < fewer->from && Since(view, fewer->at) <= kSoon &&
         memory.peak->at < fewer->at;
}

}  // namespace

double KeptFor(const View& view) {
  const auto& peak = view.memory.peak;
  return peak && Since(view, peak->at) < Hold(view) ? peak->demand : 0;
}

void RememberPeak(const View& view, const std::optional<Demand>& demand, bool surprise,
                  Memory& memory) {
  const auto& size = view.memory.size;
  if (size && view.replicas < size->from) {
    memory.fewer = Mark{view.input.now, size->from, view.replicas};
  }
  if (surprise && IsRegretted(view, memory)) {
    const double away = kMargin * Since(view, memory.peak->at);
    const double hold = std::max(Hold(view), std::clamp(away, kLeast, kMost));
    memory.recurrence = Recurrence{view.input.now, hold};
  }
  if (demand && !demand->overload) FollowPeak(view, demand->now, memory);
}

}  // namespace evenkeel::slo
