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
constexpr double kSameLoad = 0.9;         // of the requests before
constexpr double kForgotten = 24 * 3600;  // s

bool IsOpen(const View& view) {
  const auto& probe = view.memory.probe;
  return probe && probe->pods > 0 && probe->back <= 0;
}

// Was it in vain, and are its pods still there?
bool IsToGoBack(const View& view) {
  const auto& probe = view.memory.probe;
  return probe && probe->back > 0 && view.replicas > probe->back;
}

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

Ask GiveBack(double back) {
  return {static_cast<Replicas>(back), "ProbeInVain",
          "more replicas have not lowered the latency: the time is lost downstream", "Downstream",
          Starts::kGiveBack};
}

// What others have added meanwhile stays.
double Without(const Probe& probe, Replicas replicas) {
  return std::max(probe.pods, replicas - (probe.to - probe.pods));
}

// Fewer requests are faster whatever there is of pods.
bool Helped(const View& view, const Probe& probe) {
  const bool less_load = view.rate && *view.rate < kSameLoad * probe.rate;
  return *view.latency <= kFaster * probe.latency && !less_load;
}

}  // namespace

Ask AskDownstream(const View& view) {
  if (IsToGoBack(view)) return GiveBack(view.memory.probe->back);
  if (!IsOpen(view)) return HasWaited(view) ? Try(view) : Blame(view);
  const Probe& probe = *view.memory.probe;
  if (view.replicas <= probe.pods) return Try(view);  // it was not taken
  if (view.after_probe) return Blame(view, "; a few more are being tried");
  return Helped(view, probe) ? GoOn(view) : GiveBack(Without(probe, view.replicas));
}

Replicas NeededByLimit(const View& view) {
  const auto& limit = view.memory.limit;
  if (!limit || limit->per_pod <= 0 || Since(view, limit->at) > kForgotten) return 0;
  if (!view.rate) return view.replicas;
  const double needed = std::ceil(*view.rate / (kGiven * limit->per_pod));
  return static_cast<Replicas>(std::min(needed, kMostPods));
}

void RememberProbe(const View& view, const Ask& ask, Memory& memory) {
  auto& probe = memory.probe;
  const bool met = view.latency && *view.latency <= 1;
  if (met || view.heat == Heat::kHot) probe.reset();
  const double waited = probe ? probe->wait : kFirstWait;
  const auto now = view.input.now;
  if (ask.reason == kHelpedReason && probe->rate > 0) {
    memory.limit = Limit{now, probe->rate / probe->pods};
  }
  if (ask.starts == Starts::kProbe) {
    probe = Probe{now,
                  static_cast<double>(view.replicas),
                  static_cast<double>(ask.replicas),
                  *view.latency,
                  view.rate.value_or(0),
                  waited};
  }
  if (ask.starts == Starts::kGiveBack && probe->back <= 0) {
    probe->at = now;
    probe->wait = std::min(2 * waited, kLongestWait);
    probe->back = ask.replicas;
  }
  if (probe && probe->back > 0 && view.replicas <= probe->back) probe->pods = probe->back = 0;
}

}  // namespace evenkeel::slo
