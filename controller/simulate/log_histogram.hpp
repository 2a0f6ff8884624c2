// LogHistogram: counts of positive numbers in buckets that are a 64th of an octave wide (1.1 %),
// for quantiles of many latencies at the price of an increment. What lies outside of 2^-14 s (61
// µs) to 2^6 s counts at that end.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace evenkeel {

// `kBits` of the mantissa tell the buckets of an octave apart.
template <int kBits, class Count>
class LogHistogram {
 public:
  void Add(float value) {
    ++counts_[IndexOf(value)];
    ++total_;
  }

  void Add(const LogHistogram& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    total_ += other.total_;
  }

  void Clear() { *this = {}; }

  [[nodiscard]] std::uint64_t total() const { return total_; }

  // Linear within its bucket; 0 if nothing was added.
  [[nodiscard]] double Quantile(double q) const {
    const double rank = q * static_cast<double>(total_);
    double below = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      const auto count = static_cast<double>(counts_[i]);
      if (count > 0 && below + count >= rank) {
        return Bound(i) + (Bound(i + 1) - Bound(i)) * (rank - below) / count;
      }
      below += count;
    }
    return 0;
  }

 private:
  static constexpr int kShift = 23 - kBits;
  static constexpr std::int32_t kFirst = (127 - 14) << kBits;  // of the biased exponent
  static constexpr std::size_t kSize = std::size_t{20} << kBits;

  static std::size_t IndexOf(float value) {
    const auto index = std::bit_cast<std::int32_t>(value) >> kShift;
    return static_cast<std::size_t>(
        std::clamp<std::int32_t>(index - kFirst, 0, static_cast<std::int32_t>(kSize) - 1));
  }
  static double Bound(std::size_t index) {
    return std::bit_cast<float>((static_cast<std::int32_t>(index) + kFirst) << kShift);
  }

  std::array<Count, kSize> counts_{};
  std::uint64_t total_ = 0;
};

using LatencyHistogram = LogHistogram<6, std::uint32_t>;

}  // namespace evenkeel
