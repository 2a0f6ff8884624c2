#include "policies/slo_in_flight.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace evenkeel::slo {
namespace {

using Seconds = std::chrono::duration<double>;

// The newest of the samples that are at least so old, else the oldest.
const InFlight& SampleAt(const std::vector<InFlight>& past, TimePoint time) {
  const auto after = std::ranges::upper_bound(past, time, {}, &InFlight::at);
  return after == past.begin() ? past.front() : *std::prev(after);
}

}  // namespace

bool IsFollowed(const View& view, const std::vector<InFlight>& past) {
  return view.in_flight && !past.empty() && past.back().at < view.in_flight_at;
}

double PiledSinceLast(const View& view, const std::vector<InFlight>& past) {
  if (!IsFollowed(view, past)) return 0;
  const InFlight& last = past.back();
  return (*view.in_flight - last.requests) / Seconds(view.in_flight_at - last.at).count();
}

double PiledOverWindow(const View& view, const std::vector<InFlight>& past) {
  if (!IsFollowed(view, past)) return 0;
  const double reach = Reach(view, past.back().at);
  const auto ago = std::chrono::duration_cast<std::chrono::milliseconds>(Seconds(reach));
  const InFlight& then = SampleAt(past, view.in_flight_at - ago);
  return (*view.in_flight - then.requests) / reach;
}

std::vector<InFlight> RememberInFlight(const View& view, std::vector<InFlight> past, bool calm) {
  if (!view.in_flight || !view.rate) return {};
  if (calm) past.clear();
  if (past.empty() || past.back().at < view.in_flight_at) {
    past.push_back({view.in_flight_at, *view.in_flight});
  }
  const TimePoint oldest = view.in_flight_at - view.input.target.window;
  std::erase_if(past, [&](const InFlight& sample) { return sample.at < oldest; });
  return past;
}

}  // namespace evenkeel::slo
