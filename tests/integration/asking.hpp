// Asks a server of a test as the controller does: planner, fetcher, presets.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "controller/prometheus/planner.hpp"
#include "controller/runtime/fetcher.hpp"
#include "tests/controller/prometheus/needs.hpp"
#include "tests/integration/prometheus_server.hpp"
#include "tests/support/catch.hpp"

namespace evenkeel::test {

inline constexpr std::chrono::seconds kWindow{10};  // ten scrapes

// The window to ask a server of this kind with, at a scrape a second.
template <class Kind>
inline constexpr std::chrono::seconds kWindowOf = kWindow;
// It keeps what it has scraped back for up to 2 s before queries see it, at times for 4 s: no more
// than the quarter of half a window that may lack.
template <>
inline constexpr std::chrono::seconds kWindowOf<VictoriaMetrics>{32};

inline PolicyNeeds NeedsFor(const std::string& name, std::chrono::seconds window = kWindow) {
  PolicyNeeds needs;
  needs.policy = {"shop", name};
  needs.target.name = name;
  needs.metrics.window = window;
  for (const auto signal : {signal::kLatencyP99, signal::kErrorRate, signal::kRequestRate,
                            signal::kEventLoopLagP99, signal::kEventLoopUtilization}) {
    needs.needs.push_back({std::string(signal), std::chrono::seconds(0)});
  }
  return needs;
}

inline Sources SourceAt(const std::string& url) {
  auto transport = MakeHttpTransport({.base_url = url});
  if (!transport) FAIL(transport.error().message);
  Sources sources;
  sources.emplace("default", *std::move(transport));
  return sources;
}

inline TimePoint Now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

inline std::vector<Dealt> AskAt(TimePoint time, Fetcher& fetcher,
                                const std::vector<PolicyNeeds>& needs,
                                std::chrono::milliseconds deadline = std::chrono::seconds(5)) {
  const Plan plan = PlanOf(needs, time);
  return Deal(plan, fetcher.Fetch(plan, deadline, {}).answers);
}

inline std::vector<Dealt> Ask(Fetcher& fetcher, const std::vector<PolicyNeeds>& needs,
                              std::chrono::milliseconds deadline = std::chrono::seconds(5)) {
  return AskAt(Now(), fetcher, needs, deadline);
}

inline Readings AskOne(Fetcher& fetcher, const PolicyNeeds& needs) {
  return Ask(fetcher, {needs}).front().readings;
}

// Asks until it holds, for at most a minute; returns the answer that showed it, or the last.
template <class Ask, class Condition>
auto Await(const Ask& ask, const Condition& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  auto answer = ask();
  while (!condition(answer) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    answer = ask();
  }
  return answer;
}

inline Readings AwaitReadings(Fetcher& fetcher, const PolicyNeeds& needs,
                              const std::function<bool(const Readings&)>& condition) {
  return Await([&] { return AskOne(fetcher, needs); }, condition);
}

inline bool AllValues(const Readings& readings) {
  return std::all_of(readings.begin(), readings.end(),
                     [](const auto& entry) { return entry.second.HasValue(); });
}

// Pods are scraped one after the other: the second may be known a moment later.
inline bool OfBothPods(const Readings& readings) {
  const Reading& elu = readings.Find(signal::kEventLoopUtilization);
  return AllValues(readings) && elu.pods && elu.pods->pods == 2;
}

inline auto Reads(std::string_view signal, ReadingState state) {
  return [signal, state](const Readings& readings) { return readings.Find(signal).state == state; };
}

}  // namespace evenkeel::test
