// The pending events of the plant, earliest first: a binary heap of small values. Events of one
// time come in the order of their tickets, so that an episode does not depend on the heap's shape.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace evenkeel {

enum class PlantEventKind : std::uint8_t {
  kSliceDone,    // the first slice of work: on to the database
  kVisitDone,    // the visit to the database: back to the event loop
  kAcquireLate,  // still no connection: an error
  kGiveUp,       // the client has waited long enough
  kRetry,        // a client tries again
};

struct PlantEvent {
  double at = 0;
  std::uint32_t slot = 0;
  std::uint16_t ticket = 0;  // of the request that had the slot, to notice a reused one
  PlantEventKind kind = PlantEventKind::kSliceDone;
};

class EventQueue {
 public:
  [[nodiscard]] bool Empty() const { return heap_.empty(); }
  [[nodiscard]] const PlantEvent& Top() const { return heap_.front(); }

  void Push(const PlantEvent& event) {
    std::size_t hole = heap_.size();
    heap_.push_back(event);
    while (hole > 0) {
      const std::size_t parent = (hole - 1) / 2;
      if (!Before(event, heap_[parent])) break;
      heap_[hole] = heap_[parent];
      hole = parent;
    }
    heap_[hole] = event;
  }

  PlantEvent Pop() {
    const PlantEvent top = heap_.front();
    const PlantEvent last = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) SiftDown(last);
    return top;
  }

 private:
  static bool Before(const PlantEvent& a, const PlantEvent& b) { return a.at < b.at; }

  void SiftDown(const PlantEvent& event) {
    const std::size_t size = heap_.size();
    std::size_t hole = 0;
    for (std::size_t child = 1; child < size; child = 2 * hole + 1) {
      if (child + 1 < size && Before(heap_[child + 1], heap_[child])) ++child;
      if (!Before(heap_[child], event)) break;
      heap_[hole] = heap_[child];
      hole = child;
    }
    heap_[hole] = event;
  }

  std::vector<PlantEvent> heap_;
};

}  // namespace evenkeel
