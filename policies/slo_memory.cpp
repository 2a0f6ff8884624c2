#include "policies/slo_memory.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace evenkeel::slo {
namespace {

using nlohmann::json;

// The numbers of a part, by their names in JSON; each part has a time `at`, too.
template <class Part>
struct Number {
  const char* key;
  double Part::* member;
  bool later = false;  // earlier versions did not write it: they would have written 0
};
constexpr std::array kLateNumbers = {Number<LateRequests>{"weight", &LateRequests::weight},
                                     Number<LateRequests>{"idle", &LateRequests::idle},
                                     Number<LateRequests>{"requests", &LateRequests::requests},
                                     Number<LateRequests>{"late", &LateRequests::late}};
constexpr std::array kAscentNumbers = {
    Number<Ascent>{"pods", &Ascent::pods}, Number<Ascent>{"ratio", &Ascent::ratio},
    Number<Ascent>{"rate", &Ascent::rate}, Number<Ascent>{"utilization", &Ascent::utilization}};
constexpr std::array kCeilingNumbers = {
    Number<Remembered>{"utilization", &Remembered::utilization}};
constexpr std::array kProbeNumbers = {
    Number<Probe>{"pods", &Probe::pods},       Number<Probe>{"to", &Probe::to},
    Number<Probe>{"latency", &Probe::latency}, Number<Probe>{"rate", &Probe::rate},
    Number<Probe>{"wait", &Probe::wait},       Number<Probe>{"back", &Probe::back, true}};
constexpr std::array kPeakNumbers = {Number<Peak>{"demand", &Peak::demand}};
constexpr std::array kRecurrenceNumbers = {Number<Recurrence>{"hold", &Recurrence::hold}};
constexpr std::array kLimitNumbers = {Number<Limit>{"perPod", &Limit::per_pod}};
constexpr std::array kPaceNumbers = {Number<Pace>{"perPod", &Pace::per_pod},
                                     Number<Pace>{"usual", &Pace::usual},
                                     Number<Pace>{"lastRate", &Pace::last_rate}};
constexpr std::array kModelNumbers = {
    Number<Model>{"level", &Model::level},
    Number<Model>{"trend", &Model::trend},
    Number<Model>{"noise", &Model::noise},
    Number<Model>{"busy", &Model::busy},
    Number<Model>{"lag", &Model::lag},
    Number<Model>{"lastLag", &Model::last_lag},
    Number<Model>{"surge", &Model::surge},
    Number<Model>{"work", &Model::work},
    Number<Model>{"rate", &Model::rate},
    Number<Model>{"lastRate", &Model::last_rate},
    Number<Model>{"climb", &Model::climb, true},
    Number<Model>{"climbsBy", &Model::climbs_by, true},
    Number<Model>{"leap", &Model::leap, true},
    Number<Model>{"leaps", &Model::leaps, true},
    Number<Model>{"serving", &Model::serving},
    Number<Model>{"due", &Model::due, true},
    Number<Model>{"gathered", &Model::gathered, true},
    Number<Model>{"gatheredFor", &Model::gathered_for, true},
};

const json* Find(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

const json* FindLasting(const json& object, const char* key) {
  const json* lasting = Find(object, kLasting);
  return lasting == nullptr ? nullptr : Find(*lasting, key);
}

std::optional<TimePoint> ReadTime(const json* value, TimePoint now) {
  if (value == nullptr || !value->is_number_integer()) return std::nullopt;
  return std::min(TimePoint(std::chrono::milliseconds(value->get<std::int64_t>())), now);
}

std::optional<Mark> ReadMark(const json* value, TimePoint now) {
  if (value == nullptr) return std::nullopt;
  const auto at = ReadTime(Find(*value, "at"), now);
  const json* from = Find(*value, "from");
  if (!at || from == nullptr || !from->is_number_integer()) return std::nullopt;
  const json* to = Find(*value, "to");
  const bool known = to != nullptr && to->is_number_integer();
  return Mark{*at, from->get<Replicas>(), known ? to->get<Replicas>() : 0};
}

// All or nothing.
template <class Part, std::size_t N>
std::optional<Part> ReadNumbers(const json* value, TimePoint now,
                                const std::array<Number<Part>, N>& numbers) {
  if (value == nullptr) return std::nullopt;
  const auto at = ReadTime(Find(*value, "at"), now);
  if (!at) return std::nullopt;
  Part part{.at = *at};
  for (const auto& [key, member, later] : numbers) {
    const json* number = Find(*value, key);
    if (number == nullptr && later) continue;
    if (number == nullptr || !number->is_number()) return std::nullopt;
    part.*member = number->get<double>();
    if (!std::isfinite(part.*member)) return std::nullopt;
  }
  return part;
}

// [time, requests], oldest first. All or nothing.
std::vector<InFlight> ReadInFlight(const json* value, TimePoint now) {
  if (value == nullptr || !value->is_array()) return {};
  std::vector<InFlight> samples;
  for (const json& pair : *value) {
    const bool two = pair.is_array() && pair.size() == 2 && pair[1].is_number();
    const auto at = two ? ReadTime(&pair[0], now) : std::nullopt;
    if (!at || (!samples.empty() && *at < samples.back().at)) return {};
    samples.push_back({*at, pair[1].get<double>()});
  }
  return samples;
}

std::optional<Model> ReadModel(const json* value, TimePoint now) {
  auto model = ReadNumbers(value, now, kModelNumbers);
  if (!model) return std::nullopt;
  const auto rate_at = ReadTime(Find(*value, "rateAt"), now);
  const auto calm = ReadTime(Find(*value, "calm"), now);
  if (!rate_at || !calm) return std::nullopt;
  model->rate_at = *rate_at;
  model->calm = *calm;
  model->in_flight = ReadInFlight(Find(*value, "inFlight"), now);
  return model;
}

// Sums that no readings can have are none.
std::optional<LateRequests> ReadLate(const json* value, TimePoint now) {
  const auto late = ReadNumbers(value, now, kLateNumbers);
  const bool possible = late && late->weight >= 0 && late->idle >= 0 &&
                        late->idle <= late->weight && late->late >= 0 &&
                        late->late <= late->requests;
  return possible ? late : std::nullopt;
}

json ToJson(TimePoint time) { return time.time_since_epoch().count(); }

template <class Part, std::size_t N>
void Write(json& object, const char* key, const std::optional<Part>& part,
           const std::array<Number<Part>, N>& numbers) {
  if (!part) return;
  object[key]["at"] = ToJson(part->at);
  for (const Number<Part>& number : numbers) object[key][number.key] = (*part).*number.member;
}

void Write(json& object, const char* key, const std::optional<Mark>& mark) {
  if (mark) object[key] = {{"at", ToJson(mark->at)}, {"from", mark->from}, {"to", mark->to}};
}

}  // namespace

Memory ReadMemory(const json& value, TimePoint now) {
  return {ReadMark(Find(value, "step"), now),
          ReadMark(Find(value, "saturation"), now),
          ReadMark(Find(value, "shrink"), now),
          ReadMark(Find(value, "size"), now),
          ReadMark(Find(value, "fewer"), now),
          ReadTime(Find(value, "queue"), now),
          ReadModel(Find(value, "model"), now),
          ReadNumbers(Find(value, "ascent"), now, kAscentNumbers),
          ReadNumbers(Find(value, "lagAscent"), now, kAscentNumbers),
          ReadNumbers(Find(value, "probe"), now, kProbeNumbers),
          ReadNumbers(Find(value, "peak"), now, kPeakNumbers),
          ReadLate(FindLasting(value, "late"), now),
          ReadNumbers(FindLasting(value, "ceiling"), now, kCeilingNumbers),
          ReadNumbers(FindLasting(value, "pace"), now, kPaceNumbers),
          ReadNumbers(FindLasting(value, "limit"), now, kLimitNumbers),
          ReadNumbers(FindLasting(value, "recurrence"), now, kRecurrenceNumbers)};
}

json ToJson(const Memory& memory) {
  json object = json::object();
  Write(object, "step", memory.step);
  Write(object, "saturation", memory.saturation);
  Write(object, "shrink", memory.shrink);
  Write(object, "size", memory.size);
  Write(object, "fewer", memory.fewer);
  if (memory.queue) object["queue"] = ToJson(*memory.queue);
  Write(object, "model", memory.model, kModelNumbers);
  if (memory.model) {
    object["model"]["rateAt"] = ToJson(memory.model->rate_at);
    object["model"]["calm"] = ToJson(memory.model->calm);
    for (const InFlight& sample : memory.model->in_flight) {
      object["model"]["inFlight"].push_back({ToJson(sample.at), sample.requests});
    }
  }
  Write(object, "ascent", memory.ascent, kAscentNumbers);
  Write(object, "lagAscent", memory.lag_ascent, kAscentNumbers);
  Write(object, "probe", memory.probe, kProbeNumbers);
  Write(object, "peak", memory.peak, kPeakNumbers);
  json lasting = json::object();
  Write(lasting, "late", memory.late, kLateNumbers);
  Write(lasting, "ceiling", memory.ceiling, kCeilingNumbers);
  Write(lasting, "pace", memory.pace, kPaceNumbers);
  Write(lasting, "limit", memory.limit, kLimitNumbers);
  Write(lasting, "recurrence", memory.recurrence, kRecurrenceNumbers);
  if (!lasting.empty()) object[kLasting] = std::move(lasting);
  return object;
}

}  // namespace evenkeel::slo
