#include "controller/simulate/ledger.hpp"

#include <cmath>

namespace evenkeel {

Ledger::Ledger(SimSeconds duration, SimSeconds slo, SimSeconds from)
    : slo_(slo.count()),
      from_(std::ceil(from.count() * kPerSecond) / kPerSecond),
      windows_(static_cast<std::size_t>(std::ceil(duration.count() * kPerSecond))),
      open_(kOpen) {}

// The window that had the place of a new one is old enough to be complete.
void Ledger::Open(std::size_t index) {
  for (; next_ <= index; ++next_) {
    if (next_ >= kOpen) Close(next_ - kOpen);
    open_[next_ % kOpen].Clear();
  }
}

void Ledger::Close(std::size_t index) {
  const LatencyHistogram& latencies = open_[index % kOpen];
  windows_[index].p99 = static_cast<float>(latencies.Quantile(0.99));
  if (static_cast<double>(index) / kPerSecond >= from_) total_.Add(latencies);
}

void Ledger::Finish() {
  for (std::size_t index = next_ > kOpen ? next_ - kOpen : 0; index < next_; ++index) Close(index);
}

double Ledger::MeanLatency() const {
  return total_.total() == 0 ? 0 : sum_ / static_cast<double>(total_.total());
}

}  // namespace evenkeel
