#include "policies/slo_memory.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <utility>

namespace evenkeel::slo {
namespace {

using nlohmann::json;

constexpr std::array kNumbers = {
    std::pair{"level", &Model::level}, std::pair{"trend", &Model::trend},
    std::pair{"noise", &Model::noise}, std::pair{"busy", &Model::busy},
    std::pair{"lag", &Model::lag},     std::pair{"lastLag", &Model::last_lag},
    std::pair{"surge", &Model::surge}, std::pair{"work", &Model::work},
    std::pair{"rate", &Model::rate},   std::pair{"lastRate", &Model::last_rate},
};

const json* Find(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
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
  return Mark{*at, from->get<Replicas>()};
}

std::optional<Model> ReadModel(const json* value, TimePoint now) {
  if (value == nullptr) return std::nullopt;
  const auto at = ReadTime(Find(*value, "at"), now);
  if (!at) return std::nullopt;
  const auto rate_at = ReadTime(Find(*value, "rateAt"), now);
  const auto calm = ReadTime(Find(*value, "calm"), now);
  if (!rate_at || !calm) return std::nullopt;
  Model model{.at = *at, .rate_at = *rate_at, .calm = *calm};
  for (const auto& [key, member] : kNumbers) {
    const json* number = Find(*value, key);
    if (number == nullptr || !number->is_number()) return std::nullopt;
    model.*member = number->get<double>();
    if (!std::isfinite(model.*member)) return std::nullopt;
  }
  return model;
}

json ToJson(TimePoint time) { return time.time_since_epoch().count(); }

void Write(json& object, const char* key, const std::optional<Mark>& mark) {
  if (mark) object[key] = {{"at", ToJson(mark->at)}, {"from", mark->from}};
}

}  // namespace

Memory ReadMemory(const json& value, TimePoint now) {
  return {ReadMark(Find(value, "step"), now), ReadMark(Find(value, "saturation"), now),
          ReadMark(Find(value, "shrink"), now), ReadTime(Find(value, "queue"), now),
          ReadModel(Find(value, "model"), now)};
}

json ToJson(const Memory& memory) {
  json object = json::object();
  Write(object, "step", memory.step);
  Write(object, "saturation", memory.saturation);
  Write(object, "shrink", memory.shrink);
  if (memory.queue) object["queue"] = ToJson(*memory.queue);
  if (memory.model) {
    json& model = object["model"];
    model["at"] = ToJson(memory.model->at);
    model["rateAt"] = ToJson(memory.model->rate_at);
    model["calm"] = ToJson(memory.model->calm);
    for (const auto& [key, member] : kNumbers) model[key] = (*memory.model).*member;
  }
  return object;
}

}  // namespace evenkeel::slo
