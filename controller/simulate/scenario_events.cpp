#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "controller/simulate/scenario_parts.hpp"

namespace evenkeel {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::size_t kMostEvents = 100;
constexpr SimSeconds kPrometheusRestartTakes{30};

constexpr DurationRule kLength{seconds{1}, hours{168},
                               "must be a duration with a unit, from 1s to 168h, e.g. \"30m\""};
constexpr NumberRule kFactor{0.01, 1000, "must be from 0.01 to 1000"};
constexpr NumberRule kFraction{0, 1, "must be from 0 to 1"};
constexpr IntegerRule kPods{1, 10'000, "must be between 1 and 10000"};

// Which fields a kind has besides `at` and `kind`.
struct Form {
  EventKind kind;
  std::string_view amount;  // the name of its number, which is required; empty: it has none
  NumberRule rule = kFactor;
  bool lasts = false;
  bool pods = false;
};

constexpr std::array kForms = {
    Form{.kind = EventKind::kDatabaseSlow, .amount = "factor", .lasts = true},
    Form{.kind = EventKind::kErrors, .amount = "fraction", .rule = kFraction, .lasts = true},
    Form{.kind = EventKind::kMetricsGone, .amount = "", .lasts = true},
    Form{.kind = EventKind::kPodSlow, .amount = "factor", .lasts = true, .pods = true},
    Form{.kind = EventKind::kWorkFactor, .amount = "factor", .lasts = true},
    Form{.kind = EventKind::kPodsLost, .amount = "", .pods = true},
    Form{.kind = EventKind::kPrometheusRestart, .amount = "", .lasts = true},
    Form{.kind = EventKind::kControllerRestart, .amount = ""},
    Form{.kind = EventKind::kRelease, .amount = "workFactor"},
};

std::optional<Form> ReadForm(SpecObject& event) {
  Words<Form> words;
  for (const Form& form : kForms) words.emplace_back(ToString(form.kind), form);
  event.Require("kind");
  const auto form = event.OneOf("kind", words);
  if (form) return form;
  // Without a kind nobody knows which fields it has.
  for (const char* name : {"at", "for", "factor", "fraction", "workFactor", "pods"}) {
    event.Find(name);
  }
  return std::nullopt;
}

void CheckTimes(SpecObject& event, const ScenarioEvent& read, const Scenario& scenario) {
  if (read.at >= scenario.duration) {
    event.Fail("at", "must be before the end of the scenario");
  } else if (read.at + read.lasts > scenario.duration) {
    event.Fail("for", "must not reach beyond the end of the scenario");
  }
}

ScenarioEvent ReadAs(const Form& form, SpecObject& event) {
  ScenarioEvent read{.kind = form.kind};
  if (form.kind == EventKind::kPrometheusRestart) read.lasts = kPrometheusRestartTakes;
  event.Require("at");
  Set(read.at, event.Duration("at", kSimTime));
  if (form.lasts) Set(read.lasts, event.Duration("for", kLength));
  if (form.pods) Set(read.pods, event.Integer("pods", kPods));
  if (!form.amount.empty()) {
    event.Require(form.amount);
    Set(read.amount, event.Number(form.amount, form.rule));
  }
  return read;
}

}  // namespace

std::vector<ScenarioEvent> ReadEvents(SpecObject& scenario, const Scenario& known) {
  std::vector<ScenarioEvent> read;
  scenario.List("events", kMostEvents, [&](SpecObject& event) {
    const auto form = ReadForm(event);
    if (!form) return;
    read.push_back(ReadAs(*form, event));
    CheckTimes(event, read.back(), known);
    if (form->kind == EventKind::kDatabaseSlow && known.database.servers == 0) {
      event.Fail("kind", "the scenario has no database");
    }
  });
  std::stable_sort(read.begin(), read.end(),
                   [](const auto& left, const auto& right) { return left.at < right.at; });
  return read;
}

}  // namespace evenkeel
