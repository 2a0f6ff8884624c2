// The pending events of the plant, earliest first: a calendar queue (Brown, 1988). A day holds
// about one event, so that neither adding nor taking one has to search; what lies beyond the year,
// such as clients' patience, waits in a heap beside it.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace evenkeel {

enum class PlantEventKind : std::uint8_t {
  kSliceDone,    // the first slice of work: on to the database
  kVisitDone,    // the visit to the database: back to the event loop
  kAcquireLate,  // still no connection: an error
  kGiveUp,       // the client has waited long enough
  kRetry,        // a client tries again
  kIteration,    // of a pod's event loop ends, and connections wait to be accepted
  kCollect,      // a pod's handler of scrapes begins
};

struct PlantEvent {
  double at = 0;
  std::uint32_t slot = 0;
  std::uint16_t ticket = 0;  // of the request that had the slot, to notice a reused one
  PlantEventKind kind = PlantEventKind::kSliceDone;
};

class EventQueue {
 public:
  static constexpr double kNever = std::numeric_limits<double>::infinity();

  // `per_second`: how many events are usual.
  explicit EventQueue(double per_second) : days_per_second_(std::clamp(per_second, 1.0, 1e5)) {
    heads_.fill(kNone);
  }

  // Of the earliest event; kNever without one.
  [[nodiscard]] double NextTime() const { return std::min(in_year_, beyond_); }

  // No earlier than the last that was taken.
  void Push(const PlantEvent& event) {
    const auto day = std::max(static_cast<std::uint64_t>(event.at * days_per_second_), today_);
    if (day - today_ >= kDays) {
      heap_.push_back(event);
      std::ranges::push_heap(heap_, Later);
      beyond_ = heap_.front().at;
      return;
    }
    Insert(day % kDays, event);
    if (event.at < in_year_) {
      in_year_ = event.at;
      next_day_ = day;
    }
  }

  // There must be one.
  PlantEvent Pop() {
    if (beyond_ < in_year_) return PopBeyond();
    const std::size_t day = next_day_ % kDays;
    const std::uint32_t index = heads_[day];
    const PlantEvent event = nodes_[index].event;
    heads_[day] = nodes_[index].next;
    free_.push_back(index);
    today_ = next_day_;
    if (heads_[day] == kNone) {
      busy_days_[day / 64] &= ~(std::uint64_t{1} << (day % 64));
      FindNextDay();
    } else {
      in_year_ = nodes_[heads_[day]].event.at;
    }
    return event;
  }

  // Lets `change` move events, none to before the last that was taken. Slow.
  template <class Change>
  void ForEach(Change change) {
    std::vector<PlantEvent> all = std::move(heap_);
    heap_.clear();
    for (std::uint32_t& head : heads_) {
      for (; head != kNone; head = nodes_[head].next) {
        all.push_back(nodes_[head].event);
        free_.push_back(head);
      }
    }
    busy_days_.fill(0);
    in_year_ = beyond_ = kNever;
    for (PlantEvent& event : all) {
      change(event);
      Push(event);
    }
  }

 private:
  static constexpr std::size_t kDays = 1024;
  static constexpr std::size_t kWords = kDays / 64;
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  struct Node {
    PlantEvent event{};
    std::uint32_t next = kNone;
  };

  static bool Later(const PlantEvent& a, const PlantEvent& b) { return a.at > b.at; }

  // Events of a day stay sorted.
  void Insert(std::size_t day, const PlantEvent& event) {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(nodes_.size()));
      nodes_.emplace_back();
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    std::uint32_t* link = &heads_[day];
    while (*link != kNone && nodes_[*link].event.at <= event.at) link = &nodes_[*link].next;
    nodes_[index] = {event, *link};
    *link = index;
    busy_days_[day / 64] |= std::uint64_t{1} << (day % 64);
  }

  PlantEvent PopBeyond() {
    const PlantEvent event = heap_.front();
    std::ranges::pop_heap(heap_, Later);
    heap_.pop_back();
    beyond_ = heap_.empty() ? kNever : heap_.front().at;
    return event;
  }

  void FindNextDay() {
    const std::size_t first = today_ % kDays;
    const std::uint64_t rest = busy_days_[first / 64] >> (first % 64);
    if (rest != 0) return SetNextDay(static_cast<std::uint64_t>(std::countr_zero(rest)));
    for (std::size_t i = 1; i <= kWords; ++i) {
      const std::uint64_t word = busy_days_[(first / 64 + i) % kWords];
      if (word == 0) continue;
      const auto bit = static_cast<std::uint64_t>(std::countr_zero(word));
      return SetNextDay(64 * i + bit - first % 64);
    }
    in_year_ = kNever;
  }

  void SetNextDay(std::uint64_t days_ahead) {
    next_day_ = today_ + days_ahead;
    in_year_ = nodes_[heads_[next_day_ % kDays]].event.at;
  }

  double days_per_second_;
  double in_year_ = kNever;  // time of the earliest event that is in the calendar,
  double beyond_ = kNever;   // and of the earliest in the heap
  std::uint64_t today_ = 0;  // of the last event taken from the calendar
  std::uint64_t next_day_ = 0;
  std::array<std::uint32_t, kDays> heads_{};
  std::array<std::uint64_t, kWords> busy_days_{};
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> free_;
  std::vector<PlantEvent> heap_;
};

}  // namespace evenkeel
