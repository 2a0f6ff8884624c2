#include "controller/simulate/baselines.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/simulate/baseline_parts.hpp"
#include "policies/suggest.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;

struct Entry {
  Baseline baseline;
  ReadSettings read;
};

// Every combination of two settings' values, the usual ones first.
std::vector<json> Cross(std::string_view one, const std::vector<json>& ones, std::string_view other,
                        const std::vector<json>& others) {
  std::vector<json> grid;
  for (const json& b : others) {
    for (const json& a : ones) grid.push_back({{one, a}, {other, b}});
  }
  return grid;
}

const std::vector<json> kTargets{0.6, 0.5, 0.7};
const std::vector<json> kWindows{300, 60};  // s, of scale-in

std::vector<Entry> HpaFamily() {
  return {
      {{"hpa-elu", "Kubernetes' HPA on event loop utilization", false,
        Cross("target", kTargets, "window", kWindows)},
       &MakeHpaElu},
      {{"hpa-p99", "Kubernetes' HPA on P99 latency, target in shares of the objective", false,
        Cross("target", {1, 0.8, 0.6}, "window", kWindows)},
       &MakeHpaP99},
      {{"hpa-max", "Kubernetes' HPA on utilization and P99, the larger of both", false,
        Cross("target", kTargets, "window", kWindows)},
       &MakeHpaMax},
      {{"keda-p99",
        "KEDA's Prometheus scaler on P99 with its default, AverageValue",
        false,
        {{{"target", 1}, {"window", 300}, {"polling", 30}},
         {{"target", 0.5}, {"window", 300}, {"polling", 30}},
         {{"target", 0.2}, {"window", 300}, {"polling", 30}},
         {{"target", 0.1}, {"window", 300}, {"polling", 30}},
         {{"target", 0.2}, {"window", 60}, {"polling", 30}},
         {{"target", 0.2}, {"window", 300}, {"polling", 0}}}},
       &MakeKedaP99},
  };
}

std::vector<json> PhpaGrid() {
  return {{{"model", "linear"}, {"target", 0.6}, {"window", 300}},
          {{"model", "linear"}, {"target", 0.5}, {"window", 300}},
          {{"model", "linear"}, {"target", 0.7}, {"window", 300}},
          {{"model", "linear"}, {"target", 0.6}, {"window", 60}},
          {{"model", "linear"}, {"target", 0.6}, {"window", 300}, {"lookAhead", 60}},
          {{"model", "holtWinters"}, {"target", 0.6}, {"window", 300}},
          // Seasons of 20 min, so that a load with such a period can be learnt within the hour.
          {{"model", "holtWinters"}, {"target", 0.6}, {"window", 300}, {"periods", 80}}};
}

std::vector<json> PidGrid() {
  return {{{"signal", "utilization"}, {"target", 0.6}, {"ki", 0.01}},
          {{"signal", "utilization"}, {"target", 0.5}, {"ki", 0.01}},
          {{"signal", "utilization"}, {"target", 0.7}, {"ki", 0.01}},
          {{"signal", "utilization"}, {"target", 0.6}, {"ki", 0.003}},
          {{"signal", "utilization"}, {"target", 0.6}, {"ki", 0.01}, {"kp", 1}},
          {{"signal", "latency"}, {"target", 1}, {"ki", 0.01}},
          {{"signal", "latency"}, {"target", 0.4}, {"ki", 0.0003}, {"kp", 0.1}}};
}

std::vector<Entry> Others() {
  return {
      {{"kpa", "Knative's pod autoscaler on requests in flight", false,
        Cross("concurrency", {3, 1, 2, 5}, "window", {60, 30})},
       &MakeKpa},
      {{"phpa", "Predictive HPA: the HPA on utilization and a forecast of its replicas", false,
        PhpaGrid()},
       &MakePhpa},
      {{"aws", "AWS target tracking on utilization", false,
        Cross("target", kTargets, "cooldown", kWindows)},
       &MakeAws},
      {{"holt",
        "Platformatic ICC's Holt forecast of utilization, reconstructed",
        false,
        {{{"target", 0.8}}, {{"target", 0.7}}, {{"target", 0.6}}}},
       &MakeHolt},
      {{"pid", "A PID controller on utilization or P99", false, PidGrid()}, &MakePid},
  };
}

std::vector<Entry> Oracles() {
  const std::vector<json> holds{{{"hold", 0}}, {{"hold", 60}}, {{"hold", 300}}};
  return {
      {{"oracle-reactive", "Limit: knows the true rate and work of this second", true, holds},
       &MakeOracleReactive},
      {{"oracle-clairvoyant", "Limit: also knows the load one start-up ahead", true, holds},
       &MakeOracleClairvoyant},
  };
}

const std::vector<Entry>& Entries() {
  static const std::vector<Entry> kEntries = [] {
    std::vector<Entry> all{
        {{"static", "As many replicas all the time as the peak needs", false, {json::object()}},
         &MakeStatic}};
    for (const auto& part : {HpaFamily(), Others(), Oracles()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return kEntries;
}

// The usual settings, and what differs from them.
json Fill(const json& usual, const json& settings) {
  if (settings.is_null()) return usual;
  if (!settings.is_object()) return settings;  // the reader says what is wrong with it
  json filled = usual;
  for (const auto& [key, value] : settings.items()) {
    if (!value.is_null()) filled[key] = value;
  }
  return filled;
}

std::string NameOf(const Baseline& baseline, const json& filled) {
  const json& usual = baseline.grid.front();
  std::string differs;
  for (const auto& [key, value] : filled.items()) {
    if (usual.contains(key) && usual[key] == value) continue;
    differs += (differs.empty() ? "" : ",") + key + "=";
    differs += value.is_string() ? value.get<std::string>() : value.dump();
  }
  return std::string(baseline.name) + (differs.empty() ? "" : "{" + differs + "}");
}

Error Unknown(std::string_view name) {
  std::vector<std::string> names;
  for (const Entry& entry : Entries()) names.emplace_back(entry.baseline.name);
  return {ErrorKind::kInvalid,
          "unknown baseline \"" + std::string(name) +
              "\"; known are: " + AllowedWords(std::string(name), names),
          {}};
}

}  // namespace

const std::vector<Baseline>& Baselines() {
  static const std::vector<Baseline> kBaselines = [] {
    std::vector<Baseline> all;
    for (const Entry& entry : Entries()) all.push_back(entry.baseline);
    return all;
  }();
  return kBaselines;
}

Result<ScalerKind> MakeBaseline(std::string_view name, const nlohmann::json& settings) {
  const auto entry =
      std::ranges::find(Entries(), name, [](const Entry& e) { return e.baseline.name; });
  if (entry == Entries().end()) return Unknown(name);
  const json filled = Fill(entry->baseline.grid.front(), settings);
  Result<MakeScaler> make = entry->read(filled);
  if (!make) {
    return Invalid("baseline " + std::string(name) + ": " + make.error().message);
  }
  return ScalerKind{NameOf(entry->baseline, filled), std::move(*make)};
}

}  // namespace evenkeel
