#include "controller/runtime/log_lines.hpp"

#include <nlohmann/json.hpp>

#include "controller/core/decision_format.hpp"
#include "controller/core/text.hpp"
#include "controller/core/time_format.hpp"

namespace evenkeel {
namespace {

using nlohmann::ordered_json;

std::string_view Name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "info";
}

// Bytes that are not UTF-8 come from outside and must not throw.
std::string Dump(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

ordered_json Head(TimePoint time, LogLevel level, std::string_view message) {
  return {{"ts", FormatMicroTime(time)}, {"level", Name(level)}, {"msg", message}};
}

}  // namespace

std::string TextLine(std::string_view message, LogFields fields) {
  std::string line(message);
  for (const auto& [key, value] : fields) {
    line.append(" ").append(key).append("=").append(LogfmtValue(value));
  }
  return line;
}

std::string JsonLine(TimePoint time, LogLevel level, std::string_view message, LogFields fields) {
  ordered_json json = Head(time, level, message);
  for (const auto& [key, value] : fields) json[std::string(key)] = value;
  return Dump(json);
}

std::string JsonDecisionLine(TimePoint time, LogLevel level, const Outcome& outcome) {
  ordered_json json = Head(time, level, "decision");
  json.update(DecisionToJson(outcome));
  return Dump(json);
}

}  // namespace evenkeel
