#include "controller/simulate/record_format.hpp"

#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

namespace evenkeel {
namespace {

using nlohmann::ordered_json;

// To a ten-thousandth: further digits of a float say nothing.
double Rounded(float value) { return std::round(static_cast<double>(value) * 1e4) / 1e4; }

template <class Element, class Get>
ordered_json ListOf(const std::vector<Element>& elements, const Get& get) {
  ordered_json list = ordered_json::array();
  for (const Element& element : elements) list.push_back(get(element));
  return list;
}

ordered_json SecondsOf(const Record& record) {
  const auto list = [&](const auto& get) { return ListOf(record.seconds, get); };
  return {{"rate", list([](const SecondRecord& second) { return Rounded(second.rate); })},
          {"replicas", list([](const SecondRecord& second) { return second.spec; })},
          {"ready", list([](const SecondRecord& second) { return second.ready; })},
          {"needed", list([](const SecondRecord& second) { return second.needed; })}};
}

ordered_json P99Of(const WindowRecord& window) {
  return window.requests > 0 ? ordered_json(Rounded(window.p99)) : ordered_json(nullptr);
}

ordered_json WindowsOf(const Record& record) {
  const auto list = [&](const auto& get) { return ListOf(record.windows, get); };
  return {{"length", kRecordWindow.count()},
          {"requests", list([](const WindowRecord& window) { return window.requests; })},
          {"bad", list([](const WindowRecord& window) { return window.bad; })},
          {"failed", list([](const WindowRecord& window) { return window.failed; })},
          {"p99", list(P99Of)},
          {"utilization",
           list([](const WindowRecord& window) { return Rounded(window.utilization); })}};
}

}  // namespace

std::string RecordToJsonLine(const Record& record) {
  const ordered_json changes = ListOf(record.changes, [](const ChangeRecord& change) {
    return ordered_json{{"at", change.at.count()},
                        {"from", change.from},
                        {"to", change.to},
                        {"reason", change.reason}};
  });
  return ordered_json{{"scenario", record.scenario},
                      {"policy", record.policy},
                      {"seed", record.seed},
                      {"duration", record.duration.count()},
                      {"warmup", record.warmup.count()},
                      {"seconds", SecondsOf(record)},
                      {"windows", WindowsOf(record)},
                      {"changes", changes}}
      .dump();
}

}  // namespace evenkeel
