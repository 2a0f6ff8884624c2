#include "controller/core/spec_values.hpp"

#include <chrono>
#include <string>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

TEST_CASE("names follow the CRD's patterns") {
  using Pattern = bool (*)(const std::string&);
  const auto [pattern, text, fits] = GENERATE(table<Pattern, std::string, bool>({
      {&IsApiVersion, "apps/v1", true},
      {&IsApiVersion, "v1", true},
      {&IsApiVersion, "argoproj.io/v1alpha1", true},
      {&IsApiVersion, "apps", false},
      {&IsApiVersion, "apps/", false},
      {&IsApiVersion, "Apps/v1", false},
      {&IsApiVersion, "apps/v1\n", false},
      {&IsKind, "Deployment", true},
      {&IsKind, "deployment", false},
      {&IsKind, "", false},
      {&IsObjectName, "checkout.eu", true},
      {&IsObjectName, "a", true},
      {&IsObjectName, "-a", false},
      {&IsObjectName, "a.", false},
      {&IsObjectName, "Checkout", false},
      {&IsObjectName, "", false},
      {&IsSimpleName, "prom-client", true},
      {&IsSimpleName, "prom.client", false},
      {&IsLabelName, "service", true},
      {&IsLabelName, "_x9", true},
      {&IsLabelName, "__name__", false},
      {&IsLabelName, "9lives", false},
      {&IsLabelName, "app.kubernetes.io", false},
      {&IsLabelName, std::string(10'000, 'a'), false},
      {&IsSignalName, "queueDepth", true},
      {&IsSignalName, std::string(63, 'a'), true},
      {&IsSignalName, std::string(64, 'a'), false},
      {&IsSignalName, "queue-depth", false},
      {&IsModuleName, "slo", true},
      {&IsModuleName, "my-module_2", true},
      {&IsModuleName, "2nd", false},
      {&IsNotBlank, "up", true},
      {&IsNotBlank, " \t\r\n", false},
      {&IsNotBlank, "", false},
  }));
  INFO(text);
  CHECK(pattern(text) == fits);
}

TEST_CASE("durations of a spec have units from ms to h and at most 16 bytes") {
  using std::chrono::milliseconds;
  CHECK(ParseSpecDuration("250ms") == milliseconds{250});
  CHECK(ParseSpecDuration("1m30s") == milliseconds{90'000});
  CHECK(ParseSpecDuration("0.001ms") == std::chrono::microseconds{1});
  CHECK(ParseSpecDuration("0s") == milliseconds{0});
  for (const char* text : {"", "5", "1d", "500us", "1 s", "-1s", "+1s", ".5s", "1.s", "1.2345s",
                           "1234567s", "1h1h1h1h1h1h1h1h1", "1s\n"}) {
    INFO(text);
    CHECK_FALSE(ParseSpecDuration(text).has_value());
  }
}

TEST_CASE("ratios are percentages or fractions above 0 and at most all") {
  const auto [text, ratio] = GENERATE(table<std::string, double>({
      {"1%", 0.01},
      {"100%", 1},
      {"0.000001%", 0.00000001},
      {"0.01", 0.01},
      {"1.0", 1},
      {"099.5%", 0.995},
  }));
  INFO(text);
  REQUIRE(ParseSpecRatio(text).has_value());
  CHECK(*ParseSpecRatio(text) == Approx(ratio));
}

TEST_CASE("what is not clearly a ratio is refused") {
  for (const char* text : {"", "1", "0", "0%", "0.0", "101%", "1.1", "100.1%", "2.0", "-1%", "1 %",
                           "%", ".5", "1e-2", "0.123456789", "1%%", "nan", "0.5\n"}) {
    INFO(text);
    CHECK_FALSE(ParseSpecRatio(text).has_value());
  }
}

TEST_CASE("quantities are read as Kubernetes reads them") {
  const auto [text, value] = GENERATE(table<std::string, double>({
      {"0", 0},
      {"0.05", 0.05},
      {"+0.05", 0.05},
      {".05", 0.05},
      {"5.", 5},
      {"50m", 0.05},
      {"5e-2", 0.05},
      {"5E1", 50},
      {"2E", 2e18},
      {"100u", 1e-4},
      {"1Ki", 1024},
      {"1Ei", 0x1p60},
      {"3k", 3000},
  }));
  INFO(text);
  REQUIRE(ParseQuantity(text).has_value());
  CHECK(*ParseQuantity(text) == Approx(value));
}

TEST_CASE("what is not a quantity of at least zero is refused") {
  for (const char* text : {"", "-1", "10%", "1 m", "m", "1mm", "1e", "1e999", "0x10", "inf", "nan",
                           "+", "1ki", "++1", "111111111111111111111111111111111"}) {
    INFO(text);
    CHECK_FALSE(ParseQuantity(text).has_value());
  }
}

}  // namespace
}  // namespace evenkeel
