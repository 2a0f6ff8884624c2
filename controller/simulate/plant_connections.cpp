// Plant: connections that wait to be accepted, and scrapes.
#include <cstddef>
#include <utility>

#include "controller/simulate/plant.hpp"

namespace evenkeel {
namespace {

// Of GET /metrics with prom-client's default metrics and a histogram of a few routes: 1 to 2 ms.
constexpr double kScrapeWork = 0.0015;

}  // namespace

// The one that was used last; where that is too old, all are.
bool Plant::TakeIdle(Pod& pod) const {
  if (pod.idle.empty()) return false;
  if (now_ - pod.idle.back() > scenario_.pod.keep_alive.count()) {
    pod.idle.clear();
    return false;
  }
  pod.idle.pop_back();
  return true;
}

void Plant::Connect(PodIndex index, std::uint32_t slot) {
  Pod& pod = pods_[index];
  if (pod.backlog.Size() >= static_cast<std::size_t>(scenario_.pod.backlog)) {
    if (slot != kScrapeSlot) slots_[slot].stage = Stage::kOnlyAwaited;
    return;
  }
  pod.backlog.Push(slot);
  if (slot == kScrapeSlot) ++pod.scraper.waiting;
  if (pod.accepts) return;
  pod.accepts = true;
  events_.Push({pod.loop.IterationEnd(now_), index, 0, PlantEventKind::kIteration});
}

// What the iteration accepted is read in the next one, which accepts another.
void Plant::EndIteration(PodIndex index) {
  Pod& pod = pods_[index];
  if (!pod.alive) return;
  if (pod.accepted != kNoSlot) Read(index, std::exchange(pod.accepted, kNoSlot));
  pod.accepts = !pod.backlog.Empty();
  if (!pod.accepts) return;
  pod.accepted = pod.backlog.Front();
  pod.backlog.Pop();
  events_.Push({pod.loop.IterationEnd(now_), index, 0, PlantEventKind::kIteration});
}

void Plant::Read(PodIndex index, std::uint32_t slot) {
  if (slot != kScrapeSlot) return FirstSlice(slot);
  Scraper& scraper = pods_[index].scraper;
  ReadScrape(index, scraper.ticket - --scraper.waiting);  // they were accepted in their order
}

// Prometheus keeps its connection for as long as the pod does.
void Plant::Scrape(PodIndex index) {
  Pod& pod = pods_[index];
  pod.scraper.begun = now_;
  ++pod.scraper.ticket;
  if (now_ <= pod.scraper.connected_until || pod.loop.IsIdle(now_)) {
    ReadScrape(index, pod.scraper.ticket);
  } else {
    Connect(index, kScrapeSlot);
  }
}

void Plant::ReadScrape(PodIndex index, std::uint32_t ticket) {
  Pod& pod = pods_[index];
  const double begin = pod.loop.Work(now_, kScrapeWork * pod.slow_factor);
  events_.Push({begin, index, static_cast<std::uint16_t>(ticket), PlantEventKind::kCollect});
}

void Plant::Collect(PodIndex index, std::uint16_t ticket) {
  Pod& pod = pods_[index];
  if (!pod.alive) return;
  Settle(index);
  const double lag = pod.loop.TakeDelay(now_);
  const bool newest = ticket == static_cast<std::uint16_t>(pod.scraper.ticket);
  if (!newest || now_ - pod.scraper.begun > scenario_.metrics.ScrapeTimeout().count()) return;
  pod.scraper.connected_until = now_ + scenario_.pod.keep_alive.count();
  scrapes_.push_back({index, pod.scraper.begun, now_, {pod.counters, BusySeconds(index), lag}});
}

std::vector<Plant::ScrapeAnswer> Plant::TakeScrapes() { return std::exchange(scrapes_, {}); }

}  // namespace evenkeel
