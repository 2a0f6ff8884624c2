// Random numbers of the simulator, the same for a seed with every standard library: xoshiro256++
// (Blackman and Vigna, 2019), exponentials by the ziggurat (Marsaglia and Tsang, 2000: four times
// as fast as a logarithm, and each request draws four), normals by Box and Muller.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>

namespace evenkeel {

// 256 layers of equal area under e^-x, the widest first; layer 0 has the tail.
struct Ziggurat {
  static constexpr double kTail = 7.69711747013104972;
  static constexpr double kArea = 3.9496598225815571993e-3;
  std::array<double, 257> x{};
  std::array<double, 257> y{};

  static const Ziggurat& Get() {
    static const Ziggurat kTables;
    return kTables;
  }

 private:
  Ziggurat() {
    x[0] = kArea * std::exp(kTail);
    x[1] = kTail;
    for (std::size_t i = 2; i < 256; ++i) {
      x[i] = -std::log(kArea / x[i - 1] + std::exp(-x[i - 1]));
    }
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = std::exp(-x[i]);
  }
};

class Random {
 public:
  // Streams of one seed are independent: what one draws does not shift another.
  Random(std::uint64_t seed, std::uint64_t stream) {
    std::uint64_t state = seed * 0x9E3779B97F4A7C15ULL + stream * 0xD1B54A32D192ED03ULL;
    for (std::uint64_t& word : state_) word = Scramble(state += 0x9E3779B97F4A7C15ULL);
  }

  std::uint64_t Bits() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // In (0, 1].
  double Uniform() { return static_cast<double>((Bits() >> 11) + 1) * 0x1.0p-53; }
  double Between(double least, double most) { return least + (most - least) * Uniform(); }
  // In [0, count).
  std::uint32_t Below(std::uint32_t count) {
    return static_cast<std::uint32_t>(((Bits() >> 32) * count) >> 32);
  }
  // Of mean 1.
  double Exponential() {
    const Ziggurat& ziggurat = Ziggurat::Get();
    for (;;) {
      const std::uint64_t bits = Bits();
      const std::size_t layer = bits & 0xFF;
      const double x = static_cast<double>(bits >> 11) * 0x1.0p-53 * ziggurat.x[layer];
      if (x < ziggurat.x[layer + 1]) [[likely]]
        return x;
      if (layer == 0) return Ziggurat::kTail - std::log(Uniform());
      const double y = ziggurat.y[layer] + Uniform() * (ziggurat.y[layer + 1] - ziggurat.y[layer]);
      if (y < std::exp(-x)) return x;
    }
  }
  // The second of each pair is thrown away, which costs less than keeping it in step.
  double Normal() {
    const double radius = std::sqrt(-2 * std::log(Uniform()));
    return radius * std::cos(2 * std::numbers::pi * Uniform());
  }

 private:
  // SplitMix64.
  static std::uint64_t Scramble(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

  std::array<std::uint64_t, 4> state_{};
};

}  // namespace evenkeel
