#include "controller/core/signal_format.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

TEST_CASE("a signal's value is shown in its unit with three digits") {
  const auto [signal, value, text] = GENERATE(table<std::string, double, std::string>({
      {"latencyP99", 0.412, "412ms"},
      {"latencyP99", 0.0123456, "12.3ms"},
      {"latencyP99", 0.99949, "999ms"},
      {"latencyP99", 0.9996, "1s"},
      {"latencyP99", 1.534, "1.53s"},
      {"latencyP99", 11.24, "11.2s"},
      {"latencyP99", 3600, "3600s"},
      {"latencyP99", 0, "0ms"},
      {"eventLoopLagP99", 0.138, "138ms"},
      {"errorRate", 0.002, "0.2%"},
      {"errorRate", 0.07, "7%"},
      {"errorRate", 0.123456, "12.3%"},
      {"errorRate", 0, "0%"},
      {"errorRate", 1, "100%"},
      {"eventLoopUtilization", 0.7, "70%"},
      {"badRatio", 0.0001, "0.01%"},
      {"requestRate", 812.4, "812/s"},
      {"requestRate", 12345.6, "12346/s"},
      {"requestRate", 0.0333333, "0.0333/s"},
      {"inFlight", 17, "17"},
      {"queueDepth", 1234567, "1234567"},
      {"queueDepth", -2.5, "-2.5"},
      {"queueDepth", 1e300, "1e+300"},
  }));
  CHECK(FormatSignalValue(signal, value) == text);
}

TEST_CASE("what is not a finite number is shown as such, not as a number") {
  CHECK(FormatSignalValue("queueDepth", std::nan("")) == "nan");
  CHECK(FormatSignalValue("queueDepth", std::numeric_limits<double>::infinity()) == "inf");
}

TEST_CASE("an objective is shown exactly") {
  CHECK(FormatObjective("latencyP99", 1.234) == "1.234s");
  CHECK(FormatObjective("latencyP99", 0.25) == "250ms");
  CHECK(FormatObjective("errorRate", 0.01) == "1%");
  CHECK(FormatObjective("errorRate", 0.00000001) == "0.000001%");
  CHECK(FormatObjective("eventLoopUtilization", 0.7) == "70%");
}

TEST_CASE("rounding keeps the asked for digits on both sides of the point") {
  CHECK(RoundSignificant(1234, 2) == 1200);
  CHECK(RoundSignificant(0.0123456, 3) == 0.0123);
  CHECK(RoundSignificant(-0.0995, 2) == -0.1);
  CHECK(RoundSignificant(0, 2) == 0);
  CHECK(RoundSignificant(5e-324, 2) == 5e-324);
  CHECK(std::isnan(RoundSignificant(std::nan(""), 2)));
}

TEST_CASE("built-in signals have short keys, others keep their name") {
  CHECK(SignalKey("latencyP99") == "p99");
  CHECK(SignalKey("queueDepth") == "queueDepth");
  CHECK(IsBuiltInSignal("inFlight"));
  CHECK_FALSE(IsBuiltInSignal("queueDepth"));
}

}  // namespace
}  // namespace evenkeel
