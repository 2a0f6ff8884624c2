// Plant: the pods, how requests are dealt out to them, and what they count.
#include <algorithm>
#include <cstddef>
#include <utility>

#include "controller/simulate/plant.hpp"

namespace evenkeel {
namespace {

// Retries at most this share of all first attempts (the budget of common clients and meshes).
constexpr double kRetryBudget = 0.2;

}  // namespace

PodIndex Plant::CreatePod(double work_factor) {
  pods_.emplace_back().release_factor = work_factor;
  return static_cast<PodIndex>(pods_.size() - 1);
}

void Plant::MakeReady(PodIndex index) {
  Pod& pod = pods_[index];
  pod.loop.Start(now_);
  pod.cold_until = now_ + scenario_.pod.cold_for.count();
  pod.alive = true;
  pod.accepting = true;
  ready_.push_back(index);
  living_.push_back(index);
}

void Plant::SetPodFactor(PodIndex index, double factor) {
  Settle(index);
  Pod& pod = pods_[index];
  const double times = factor / std::exchange(pod.slow_factor, factor);
  const auto move = [&](double& at) { at = EventLoop::Stretched(at, now_, times); };
  pod.loop.Stretch(now_, times);
  for (std::size_t i = 0; i < pod.completions.Size(); ++i) move(pod.completions.At(i).done);
  events_.ForEach([&](PlantEvent& event) {
    const bool slice = event.kind == PlantEventKind::kSliceDone && slots_[event.slot].pod == index;
    const bool loop = event.slot == index && (event.kind == PlantEventKind::kIteration ||
                                              event.kind == PlantEventKind::kCollect);
    if (slice || loop) move(event.at);
  });
}

void Plant::Drain(PodIndex pod) {
  pods_[pod].accepting = false;
  std::erase(ready_, pod);
}

void Plant::End(PodIndex index) {
  Drain(index);
  Pod& pod = pods_[index];
  if (!pod.alive) return;
  pod.alive = false;
  pod.loop.Stop(now_);
  std::erase(living_, index);
  for (; !pod.completions.Empty(); pod.completions.Pop()) {
    Completion lost = pod.completions.Front();
    lost.done = now_;
    lost.ending = Ending::kOverload;
    Answered(pod, lost);
  }
  for (; !pod.waiting.Empty(); pod.waiting.Pop()) {
    const std::uint32_t slot = pod.waiting.Front();
    slots_[slot].waiting = false;
    Lose(slot);
  }
  if (pod.accepted < kScrapeSlot) Lose(pod.accepted);
  pod.accepted = kNoSlot;
  for (; !pod.backlog.Empty(); pod.backlog.Pop()) {
    if (pod.backlog.Front() < kScrapeSlot) Lose(pod.backlog.Front());
  }
}

PodIndex Plant::Choose() {
  const auto count = static_cast<std::uint32_t>(ready_.size());
  switch (scenario_.balancer) {
    case Balancer::kRandom:
      break;
    case Balancer::kRoundRobin:
      return ready_[turn_++ % count];
    case Balancer::kLeastRequest:
      return ChooseLeast();
    case Balancer::kSticky:
      return ChooseSticky();
  }
  return ready_[balancer_random_.Below(count)];
}

// Ties go to the first from a random one on.
PodIndex Plant::ChooseLeast() {
  const std::size_t offset = balancer_random_.Below(static_cast<std::uint32_t>(ready_.size()));
  PodIndex least = ready_[offset];
  Settle(least);
  for (std::size_t i = 1; i < ready_.size(); ++i) {
    const PodIndex pod = ready_[(offset + i) % ready_.size()];
    Settle(pod);
    if (pods_[pod].in_flight < pods_[least].in_flight) least = pod;
  }
  return least;
}

PodIndex Plant::ChooseSticky() {
  const auto count = static_cast<std::uint32_t>(connections_.size());
  Connection& connection = connections_[balancer_random_.Below(count)];
  if (connection.until <= now_ || !pods_[connection.pod].accepting) {
    connection.pod = ready_[balancer_random_.Below(static_cast<std::uint32_t>(ready_.size()))];
    connection.until = now_ + balancer_random_.Between(60, 600);
  }
  return connection.pod;
}

void Plant::Settle(PodIndex index) {
  Pod& pod = pods_[index];
  while (!pod.completions.Empty() && pod.completions.Front().done <= now_) {
    Answered(pod, pod.completions.Front());
    pod.completions.Pop();
  }
}

void Plant::SettleAll() {
  for (const PodIndex index : living_) Settle(index);
}

void Plant::Answered(Pod& pod, const Completion& completion) {
  const double waited = completion.done - completion.arrival;
  const bool failed = completion.ending != Ending::kServed;
  pod.counters.Add(bounds_, std::max(waited - static_cast<double>(completion.handler), 0.0),
                   failed);
  if (completion.abandoned) return;
  pod.idle.push_back(completion.done);
  Leave(pod, completion.arrival, completion.done);
  ingress_.Add(bounds_, waited, failed);
  ledger_.Count(completion.arrival, waited, completion.ending);
  if (failed) MaybeRetry(completion.attempt, completion.done);
}

void Plant::Leave(Pod& pod, double arrival, double at) {
  --pod.in_flight;
  pod.arrival_sum -= arrival;
  pod.in_flight_seconds += at - arrival;
}

void Plant::Fail(std::uint32_t slot, double at, Cause cause) {
  const Request& request = slots_[slot];
  Pod& pod = pods_[request.pod];
  const double latency = at - request.arrival;
  Leave(pod, request.arrival, at);
  if (cause == Cause::kPoolTimeout) pod.counters.Add(bounds_, at - request.handler, true);
  ingress_.Add(bounds_, latency, cause != Cause::kClientLeft);
  ledger_.Count(request.arrival, latency, Ending::kOverload);
  MaybeRetry(request.attempt, at);
}

void Plant::MaybeRetry(std::uint8_t attempt, double at) {
  if (attempt >= scenario_.arrivals.retries) return;
  if (static_cast<double>(retries_) >= kRetryBudget * static_cast<double>(arrivals_)) return;
  ++retries_;
  const double when = std::max(at + retries_random_.Between(1, 2), now_);
  events_.Push({when, attempt + 1U, 0, PlantEventKind::kRetry});
}

double Plant::BusySeconds(PodIndex pod) const { return pods_[pod].loop.BusySeconds(now_); }

double Plant::AllBusySeconds() const {
  double sum = 0;
  for (PodIndex index = 0; index < pods_.size(); ++index) sum += BusySeconds(index);
  return sum;
}

double Plant::InFlightSeconds(PodIndex index) const {
  const Pod& pod = pods_[index];
  return pod.in_flight_seconds + static_cast<double>(pod.in_flight) * now_ - pod.arrival_sum;
}

std::uint64_t Plant::InFlight() const {
  std::uint64_t sum = 0;
  for (const PodIndex index : living_) sum += pods_[index].in_flight;
  return sum;
}

}  // namespace evenkeel
