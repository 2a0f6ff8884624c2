#include "policies/reading.hpp"

#include <string>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

constexpr ReadingState kAllStates[] = {ReadingState::kValue,     ReadingState::kNoData,
                                       ReadingState::kNoTraffic, ReadingState::kStale,
                                       ReadingState::kUncovered, ReadingState::kNotANumber,
                                       ReadingState::kAmbiguous, ReadingState::kFailed};

TEST_CASE("a signal that nobody measured reads as NoData, never as zero") {
  const Readings none;
  CHECK(none.Find("latencyP99").state == ReadingState::kNoData);
  CHECK_FALSE(none.Find("latencyP99").HasValue());
  CHECK_FALSE(none.Find("latencyP99").message.empty());
}

TEST_CASE("a measured signal is found by its name") {
  const Readings readings = {{"latencyP99", Reading::Value(0.25, TimePoint{})}};
  CHECK(readings.Find("latencyP99").value == 0.25);
}

TEST_CASE("only a value and the absence of traffic allow scale-in") {
  for (const ReadingState state : kAllStates) {
    const Reading reading = Reading::Unknown(state, "");
    INFO(ToString(state));
    CHECK(reading.AllowsScaleIn() ==
          (state == ReadingState::kValue || state == ReadingState::kNoTraffic));
    CHECK(reading.HasValue() == (state == ReadingState::kValue));
  }
}

TEST_CASE("states are named as in the policy's status") {
  std::string names;
  for (const ReadingState state : kAllStates) names += std::string(ToString(state)) + " ";
  CHECK(names == "Value NoData NoTraffic Stale Uncovered NotANumber Ambiguous Failed ");
}

}  // namespace
}  // namespace evenkeel
