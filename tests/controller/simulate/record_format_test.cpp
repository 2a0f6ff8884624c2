#include "controller/simulate/record_format.hpp"

#include <nlohmann/json.hpp>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;

Record TwoWindows() {
  Record record{.scenario = "step", .policy = "slo", .seed = 7};
  record.duration = SimSeconds{20};
  record.warmup = SimSeconds{10};
  record.seconds = {{.rate = 200.1F, .spec = 4, .ready = 3, .needed = 5},
                    {.rate = 0, .spec = 6, .ready = 4, .needed = 2}};
  record.windows = {{.requests = 2000, .bad = 30, .failed = 10, .p99 = 0.3F, .utilization = 0.5F},
                    {}};
  record.changes = {{SimSeconds{1.5}, 4, 6, "LatencyAboveObjective"}};
  return record;
}

TEST_CASE("record line: what there is of each second and each window, in order") {
  const json line = json::parse(RecordToJsonLine(TwoWindows()));
  CHECK(line["scenario"] == "step");
  CHECK(line["policy"] == "slo");
  CHECK(line["seed"] == 7);
  CHECK(line["duration"] == 20);
  CHECK(line["warmup"] == 10);
  CHECK(line["seconds"] ==
        json({{"rate", {200.1, 0}}, {"replicas", {4, 6}}, {"ready", {3, 4}}, {"needed", {5, 2}}}));
  CHECK(line["windows"]["length"] == 10);
  CHECK(line["windows"]["requests"] == json({2000, 0}));
  CHECK(line["windows"]["bad"] == json({30, 0}));
  CHECK(line["windows"]["failed"] == json({10, 0}));
  CHECK(line["windows"]["utilization"] == json({0.5, 0}));
  CHECK(line["changes"] == json::parse(R"([{"at": 1.5, "from": 4, "to": 6,
                                            "reason": "LatencyAboveObjective"}])"));
}

TEST_CASE("record line: a window without requests has no P99, rather than one of 0 s") {
  const json line = json::parse(RecordToJsonLine(TwoWindows()));
  CHECK(line["windows"]["p99"] == json({0.3, nullptr}));
}

TEST_CASE("record line: it is one line") {
  CHECK(RecordToJsonLine(TwoWindows()).find('\n') == std::string::npos);
}

}  // namespace
}  // namespace evenkeel
