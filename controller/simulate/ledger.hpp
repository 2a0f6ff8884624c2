// Ledger: what the clients saw, in windows by the arrival of the requests.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "controller/simulate/log_histogram.hpp"
#include "controller/simulate/record.hpp"

namespace evenkeel {

enum class Ending : std::uint8_t {
  kServed,
  kFailed,    // by an `errors` event: counts as failed, and as bad only if it was slow
  kOverload,  // timed out, refused, or lost with its pod: bad
};

class Ledger {
 public:
  // Requests that arrive before `from` are left out of Total().
  Ledger(SimSeconds duration, SimSeconds slo, SimSeconds from);

  // Requests may be counted up to a minute after their arrival.
  void Count(double arrival, double latency, Ending ending) {
    const auto index = static_cast<std::size_t>(arrival * kPerSecond);
    if (index >= windows_.size()) return;
    if (index >= next_) Open(index);
    WindowRecord& window = windows_[index];
    ++window.requests;
    window.bad += (latency > slo_ || ending == Ending::kOverload) ? 1 : 0;
    window.failed += ending != Ending::kServed ? 1 : 0;
    open_[index % kOpen].Add(static_cast<float>(latency));
    if (arrival >= from_) sum_ += latency;
  }

  // Closes all windows; call once, at the end.
  void Finish();
  [[nodiscard]] const std::vector<WindowRecord>& windows() const { return windows_; }
  [[nodiscard]] std::vector<WindowRecord>& windows() { return windows_; }

  // Of whole windows that begin at `from` or later; complete after Finish.
  [[nodiscard]] const LatencyHistogram& Total() const { return total_; }
  [[nodiscard]] double MeanLatency() const;

 private:
  static constexpr double kPerSecond = 1 / kRecordWindow.count();
  static constexpr std::size_t kOpen = 8;

  void Open(std::size_t index);
  void Close(std::size_t index);

  double slo_;
  double from_;
  std::vector<WindowRecord> windows_;
  std::vector<LatencyHistogram> open_;
  std::size_t next_ = 0;  // the first that was never open
  LatencyHistogram total_;
  double sum_ = 0;
};

}  // namespace evenkeel
