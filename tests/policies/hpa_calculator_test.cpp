#include "policies/hpa_calculator.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr TimePoint kNow{milliseconds(1'800'000'000'000)};
constexpr std::int64_t kMost64 = std::numeric_limits<std::int64_t>::max();
constexpr std::int32_t kLeast32 = std::numeric_limits<std::int32_t>::min();

TEST_CASE("hpa: what does not fit 32 bits becomes the least number, as Go has it on amd64") {
  CHECK(HpaInt32(2147483647.9) == 2147483647);
  CHECK(HpaInt32(-2147483648.9) == kLeast32);
  CHECK(HpaInt32(-1.9) == -1);
  for (const double odd :
       {2147483648.0, 1e300, -1e300, std::nan(""), std::numeric_limits<double>::infinity()}) {
    CHECK(HpaInt32(odd) == kLeast32);
  }
}

TEST_CASE("hpa: sums of external series stop at the largest number") {
  const std::array half = {kMost64 / 2 + 1, kMost64 / 2 + 1};
  const std::array negative = {std::int64_t{5}, std::int64_t{-8}};
  CHECK(HpaExternalValueUsage(half) == kMost64);
  CHECK(HpaExternalAverageUsage(half) == kMost64);
  CHECK(HpaExternalValueUsage(negative) == -3);
  CHECK(HpaExternalAverageUsage(negative) == kMost64);
}

// A pod at the target beside one at three times it: 4 replicas if the second counts, else 2.
Replicas WithPod(HpaPod pod, HpaSample sample, bool cpu) {
  const HpaReadiness ready{HpaReadiness::Status::kTrue, kNow - minutes(50)};
  const HpaPod calm{.name = "calm", .started = kNow - minutes(60), .readiness = ready};
  pod.name = "pod";
  sample.milli = 300;
  const HpaPerPod metric{.current = 2,
                         .pods = {calm, pod},
                         .samples = {{"calm", {100, kNow, seconds(60)}}, {"pod", sample}},
                         .tolerance = {},
                         .cpu = cpu,
                         .now = kNow};
  return HpaAverageReplicas(metric, 100).value();
}

TEST_CASE("hpa: for CPU a pod counts by its start, its readiness and its sample's window") {
  using enum HpaReadiness::Status;
  struct Row {
    const char* what;
    std::optional<minutes> started;
    std::optional<HpaReadiness::Status> ready;
    seconds changed;  // ago
    seconds sampled;  // ago
    bool counts;
  };
  const Row rows[] = {
      {"old and ready", minutes(60), kTrue, seconds(3000), seconds(0), true},
      {"old and unready for a while", minutes(60), kFalse, seconds(3000), seconds(0), true},
      {"old and never ready", minutes(60), kFalse, seconds(3600), seconds(0), false},
      {"old, unready 29 s after the start", minutes(60), kFalse, seconds(3571), seconds(0), false},
      {"old, unready 30 s after the start", minutes(60), kFalse, seconds(3570), seconds(0), true},
      {"old, readiness not known", minutes(60), kUnknown, seconds(3600), seconds(0), true},
      {"young and ready for a window", minutes(4), kTrue, seconds(90), seconds(30), true},
      {"young and ready for less", minutes(4), kTrue, seconds(89), seconds(30), false},
      {"young and unready", minutes(4), kFalse, seconds(200), seconds(0), false},
      {"no longer young", minutes(5), kFalse, seconds(200), seconds(0), true},
      {"without a start", std::nullopt, kTrue, seconds(3000), seconds(0), false},
      {"without a condition", minutes(60), std::nullopt, seconds(0), seconds(0), false},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    HpaPod pod;
    if (row.started) pod.started = kNow - *row.started;
    if (row.ready) pod.readiness = HpaReadiness{*row.ready, kNow - row.changed};
    const HpaSample sample{0, kNow - row.sampled, seconds(60)};
    CHECK(WithPod(pod, sample, true) == (row.counts ? 4 : 2));
    CHECK(WithPod(pod, sample, false) == 4);
  }
}

}  // namespace
}  // namespace evenkeel
