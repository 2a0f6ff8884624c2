#include "policies/slo_probe.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

namespace evenkeel::slo {
namespace {

constexpr double kFirstWait = 600;  // s
constexpr double kLongestWait = 7200;
constexpr double kSize = 1.1;  // times the pods
constexpr double kNextSize = 1.2;
constexpr std::string_view kHelpedReason = "ProbeHelped";
constexpr double kMostPods = 1e6;
constexpr double kGiven = 0.9;            // of a limit
constexpr double kForgotten = 24 * 3600;  // s

bool IsOpen(const View& view) { return view.memory.probe && view.memory.probe->pods > 0; }

// For how long nothing has been tried, s; and how long that is to be.
bool HasWaited(const View& view) {
  const auto& probe = view.memory.probe;
  if (probe) return Since(view, probe->at) >= probe->wait;
  return view.memory.ascent && Since(view, view.memory.ascent->at) >= kFirstWait;
}

Ask Blame(const View& view, const std::string& more = {}) {
  return Stay(view, "DownstreamSuspected",
              "latency P99 is above its objective while no requests wait for the event loops: the "
              "time is lost downstream, and more replicas would not help" +
                  more,
              "Downstream");
}

Ask Try(const View& view) {
  return {Grow(view.replicas, kSize), "DownstreamProbe",
          "latency P99 is above its objective while no requests wait for the event loops; a few "
          "more replicas will tell whether what they wait for is each pod's own",
          "Downstream", Starts::kProbe};
}

Ask GoOn(const View& view) {
  return {Grow(view.replicas, kNextSize),
          std::string(kHelpedReason),
          "more replicas have lowered the latency, although no requests wait for the event loops: "
          "what they wait for is each pod's own",
          {},
          Starts::kProbe};
}

Ask GiveBack(const View& view) {
  return {static_cast<Replicas>(view.memory.probe->pods), "ProbeInVain",
          "more replicas have not lowered the latency: the time is lost downstream", "Downstream",
          Starts::kGiveBack};
}

}  // namespace

Ask AskDownstream(const View& view) {
  if (!IsOpen(view)) return HasWaited(view) ? Try(view) : Blame(view);
  const Probe& probe = *view.memory.probe;
  if (view.replicas <= probe.pods) return Try(view);  // it was not taken
  if (view.after_probe) return Blame(view, "; a few more are being tried");
  return *view.latency <= kFaster * probe.latency ? GoOn(view) : GiveBack(view);
}

Replicas NeededByLimit(const View& view) {
  const auto& limit = view.memory.limit;
  if (!limit || limit->per_pod <= 0 || Since(view, limit->at) > kForgotten) return 0;
  const double needed = std::ceil(view.rate.value_or(0) / (kGiven * limit->per_pod));
  return static_cast<Replicas>(std::min(needed, kMostPods));
}

void RememberProbe(const View& view, const Ask& ask, Memory& memory) {
  if (view.latency && *view.latency <= 1) memory.probe.reset();
  const double waited = memory.probe ? memory.probe->wait : kFirstWait;
  const auto now = view.input.now;
  if (ask.reason == kHelpedReason && view.rate) {
    memory.limit = Limit{now, *view.rate / memory.probe->pods};
  }
  if (ask.starts == Starts::kProbe) {
    memory.probe = Probe{now, static_cast<double>(view.replicas), *view.latency, waited};
  }
  if (ask.starts == Starts::kGiveBack) {
    memory.probe = Probe{now, 0, *view.latency, std::min(2 * waited, kLongestWait)};
  }
}

}  // namespace evenkeel::slo
