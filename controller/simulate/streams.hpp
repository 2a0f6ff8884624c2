// The streams of random numbers of one episode. What a scaler does must not shift the load that it
// is measured by: so arrivals, with the work that each request brings, draw from streams of their
// own.
#pragma once

#include <cstdint>

namespace evenkeel::stream {

inline constexpr std::uint64_t kNoise = 1;     // of the rate
inline constexpr std::uint64_t kArrivals = 2;  // times and work
inline constexpr std::uint64_t kBalancer = 3;
inline constexpr std::uint64_t kStartup = 4;  // the nth pod created takes the same time
inline constexpr std::uint64_t kScrapes = 5;  // phases
inline constexpr std::uint64_t kErrors = 6;
inline constexpr std::uint64_t kRetries = 7;
inline constexpr std::uint64_t kScaler = 8;
inline constexpr std::uint64_t kRounds = 9;  // phase

}  // namespace evenkeel::stream
