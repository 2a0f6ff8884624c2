#include "controller/simulate/plant.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "controller/simulate/streams.hpp"

namespace evenkeel {
namespace {

// What a request costs that fails at once.
constexpr double kShortWork = 0.0005;

double MeanRate(const std::vector<double>& rates) {
  const double sum = std::accumulate(rates.begin(), rates.end(), 0.0);
  return rates.empty() ? 0 : sum / static_cast<double>(rates.size());
}

}  // namespace

Plant::Plant(const Scenario& scenario, const std::vector<double>& rates, std::uint64_t seed)
    : scenario_(scenario),
      rates_(rates),
      bounds_(scenario.Slo().count()),
      ledger_(scenario.duration, scenario.Slo(), scenario.warmup),
      arrivals_random_(seed, stream::kArrivals),
      balancer_random_(seed, stream::kBalancer),
      errors_random_(seed, stream::kErrors),
      retries_random_(seed, stream::kRetries),
      log_sigma_(std::sqrt(std::log(1 + scenario.pod.variation))),
      events_(2 * MeanRate(rates)) {
  if (scenario.balancer == Balancer::kSticky) connections_.resize(200);
  DrawNextArrival();
}

void Plant::RunTo(SimSeconds time) {
  const double end = time.count();
  for (;;) {
    const double next_event = events_.NextTime();
    if (next_event <= next_arrival_) {
      if (next_event > end) break;
      now_ = next_event;
      Handle(events_.Pop());
    } else {
      if (next_arrival_ > end) break;
      now_ = next_arrival_;
      ++arrivals_;
      Arrive(DrawWork(arrivals_random_), 0);
      DrawNextArrival();
    }
  }
  now_ = end;
  SettleAll();
}

// A Poisson process forgets, so it may begin anew at every change of the rate.
void Plant::DrawNextArrival() {
  double time = next_arrival_;
  for (;;) {
    const auto second = static_cast<std::size_t>(time);
    if (second >= rates_.size()) break;
    const auto next_second = static_cast<double>(second + 1);
    const double rate = rates_[second];
    if (rate > 0) {
      const double at = time + arrivals_random_.Exponential() / rate;
      if (at < next_second) {
        next_arrival_ = at;
        return;
      }
    }
    time = next_second;
  }
  next_arrival_ = EventQueue::kNever;
}

Plant::Draw Plant::DrawWork(Random& random) const {
  Draw draw;
  DrawSlices(random, draw);
  if (scenario_.database.servers > 0) {
    draw.visit = static_cast<float>(scenario_.database.service.count() * random.Exponential());
  }
  return draw;
}

void Plant::DrawSlices(Random& random, Draw& draw) const {
  const bool two = scenario_.database.servers > 0;
  const double mean = scenario_.pod.work.count() / (two ? 2 : 1);
  const auto slice = [&]() -> double {
    switch (scenario_.pod.distribution) {
      case WorkDistribution::kExponential:
        return mean * random.Exponential();
      case WorkDistribution::kLogNormal:
        return mean * std::exp(log_sigma_ * random.Normal() - log_sigma_ * log_sigma_ / 2);
      case WorkDistribution::kFixed:
        break;
    }
    return mean;
  };
  draw.first_work = static_cast<float>(slice());
  if (two) draw.second_work = static_cast<float>(slice());
}

void Plant::Arrive(const Draw& draw, std::uint8_t attempt) {
  ++requests_;
  if (ready_.empty()) {
    Refuse(attempt);
    return;
  }
  const PodIndex index = Choose();
  Settle(index);
  Pod& pod = pods_[index];
  ++pod.in_flight;
  pod.arrival_sum += now_;
  const std::uint32_t slot = NewSlot(index, draw, attempt);
  slots_[slot].failing = error_fraction_ > 0 && errors_random_.Uniform() <= error_fraction_;
  if (TakeIdle(pod) || pod.loop.IsIdle(now_)) {
    FirstSlice(slot);
  } else {
    ExpectGiveUp(slot);
    Connect(index, slot);
  }
}

void Plant::Refuse(std::uint8_t attempt) {
  ledger_.Count(now_, 0, Ending::kOverload);
  ingress_.Add(bounds_, 0, true);
  MaybeRetry(attempt, now_);
}

void Plant::FirstSlice(std::uint32_t slot) {
  Request& request = slots_[slot];
  Pod& pod = pods_[request.pod];
  const double seconds = request.failing ? kShortWork : request.first_work * FactorOf(pod);
  request.handler = pod.loop.Work(now_, seconds);
  if (request.failing) return Respond(slot, Ending::kFailed);
  if (scenario_.database.servers == 0) return Respond(slot, Ending::kServed);
  const double done = pod.loop.free();
  if (done >= request.arrival + kPatience) ExpectGiveUp(slot);
  if (MayPassThrough(pod)) {
    ++pod.connections;
    ++database_busy_;
    StartService(slot, done);
  } else {
    events_.Push({done, slot, request.ticket, PlantEventKind::kSliceDone});
  }
}

// Whether a request will find a connection and a free server when its first slice is done, so that
// its visit can be computed at once. Exact for the pool: fewer are ahead of it in this pod than
// there are connections. The database is half empty; should it fill up within one slice, then a
// server counts as busy for that slice already.
bool Plant::MayPassThrough(const Pod& pod) const {
  return pod.in_flight + pod.abandoned <=
             static_cast<std::uint64_t>(scenario_.database.pool_per_pod) &&
         2 * database_busy_ < scenario_.database.servers;
}

std::uint32_t Plant::NewSlot(PodIndex pod, const Draw& draw, std::uint8_t attempt) {
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  const auto ticket = static_cast<std::uint16_t>(slots_[slot].ticket + 1);
  slots_[slot] = {.arrival = now_,
                  .handler = now_,
                  .first_work = draw.first_work,
                  .second_work = draw.second_work,
                  .visit = draw.visit,
                  .pod = pod,
                  .ticket = ticket,
                  .attempt = attempt,
                  .stage = Stage::kAwaited};
  return slot;
}

void Plant::Handle(const PlantEvent& event) {
  switch (event.kind) {
    case PlantEventKind::kSliceDone:
      AcquireConnection(event.slot);
      return;
    case PlantEventKind::kVisitDone:
      EndVisit(event.slot);
      return;
    case PlantEventKind::kAcquireLate:
      if (slots_[event.slot].ticket == event.ticket) AcquireLate(event.slot);
      return;
    case PlantEventKind::kGiveUp:
      if (slots_[event.slot].ticket == event.ticket) GiveUp(event.slot);
      return;
    case PlantEventKind::kRetry:
      Arrive(DrawWork(retries_random_), static_cast<std::uint8_t>(event.slot));
      return;
    case PlantEventKind::kIteration:
      EndIteration(event.slot);
      return;
    case PlantEventKind::kCollect:
      Collect(event.slot, event.ticket);
      return;
  }
}

void Plant::AcquireConnection(std::uint32_t slot) {
  Request& request = slots_[slot];
  Pod& pod = pods_[request.pod];
  if (!pod.alive) {
    Lose(slot);
  } else if (pod.connections < scenario_.database.pool_per_pod) {
    ++pod.connections;
    BeginVisit(slot);
  } else {
    request.waiting = true;
    pod.waiting.Push(slot);
    events_.Push({now_ + scenario_.database.acquire_timeout.count(), slot, request.ticket,
                  PlantEventKind::kAcquireLate});
  }
}

void Plant::BeginVisit(std::uint32_t slot) {
  if (database_busy_ == scenario_.database.servers) {
    database_queue_.Push(slot);
    return;
  }
  ++database_busy_;
  StartService(slot, now_);
}

void Plant::StartService(std::uint32_t slot, double begin) {
  const int open = static_cast<int>(living_.size()) * scenario_.database.pool_per_pod;
  const double crowd = 1 + scenario_.database.per_connection * open;
  events_.Push({begin + slots_[slot].visit * database_factor_ * crowd, slot, slots_[slot].ticket,
                PlantEventKind::kVisitDone});
}

void Plant::EndVisit(std::uint32_t slot) {
  if (database_queue_.Empty()) {
    --database_busy_;
  } else {
    const std::uint32_t next = database_queue_.Front();
    database_queue_.Pop();
    StartService(next, now_);
  }
  Pod& pod = pods_[slots_[slot].pod];
  if (!pod.alive) return Lose(slot);
  FreeConnection(pod);
  SecondSlice(slot);
}

// To the first that still waits for it.
void Plant::FreeConnection(Pod& pod) {
  while (!pod.waiting.Empty()) {
    const std::uint32_t next = pod.waiting.Front();
    pod.waiting.Pop();
    if (slots_[next].waiting) {
      slots_[next].waiting = false;
      BeginVisit(next);
      return;
    }
    FreeSlot(next);
  }
  --pod.connections;
}

void Plant::SecondSlice(std::uint32_t slot) {
  const Request& request = slots_[slot];
  Pod& pod = pods_[request.pod];
  pod.loop.Work(now_, request.second_work * FactorOf(pod));
  Respond(slot, Ending::kServed);
}

void Plant::AcquireLate(std::uint32_t slot) {
  Request& request = slots_[slot];
  if (!request.waiting) return;
  request.waiting = false;  // FreeConnection will find it in the queue, and free the slot
  if (request.stage != Stage::kAwaited) return;
  request.stage = Stage::kOver;
  pods_[request.pod].idle.push_back(now_);
  Fail(slot, now_, Cause::kPoolTimeout);
}

// When the loop has done what it was given last.
void Plant::Respond(std::uint32_t slot, Ending ending) {
  Request& request = slots_[slot];
  Pod& pod = pods_[request.pod];
  const double done = pod.loop.free();
  const bool late = request.stage == Stage::kAbandoned || done >= request.arrival + kPatience;
  pod.completions.Push({request.arrival, done,
                        static_cast<float>(request.handler - request.arrival), request.attempt,
                        ending, late});
  if (!late || request.stage == Stage::kAbandoned) return FreeSlot(slot);
  request.stage = Stage::kOnlyAwaited;
  ExpectGiveUp(slot);
}

void Plant::ExpectGiveUp(std::uint32_t slot) {
  Request& request = slots_[slot];
  if (request.has_end) return;
  request.has_end = true;
  const double at = std::max(request.arrival + kPatience, now_);
  events_.Push({at, slot, request.ticket, PlantEventKind::kGiveUp});
}

void Plant::GiveUp(std::uint32_t slot) {
  Request& request = slots_[slot];
  if (request.stage != Stage::kAwaited && request.stage != Stage::kOnlyAwaited) return;
  Fail(slot, request.arrival + kPatience, Cause::kClientLeft);
  if (request.stage == Stage::kOnlyAwaited) return FreeSlot(slot);
  request.stage = Stage::kAbandoned;
  ++pods_[request.pod].abandoned;
}

// Its pod has ended.
void Plant::Lose(std::uint32_t slot) {
  if (slots_[slot].stage == Stage::kAwaited) Fail(slot, now_, Cause::kPodEnded);
  FreeSlot(slot);
}

}  // namespace evenkeel
