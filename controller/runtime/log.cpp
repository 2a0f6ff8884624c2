#include "controller/runtime/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <string>
#include <utility>

#include "controller/core/decision_format.hpp"

namespace evenkeel {
namespace {

LogFormat g_format = LogFormat::kText;  // set once, before the first thread

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

TimePoint Now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace

void InitializeLog(LogFormat format, LogLevel level) {
  g_format = format;
  auto logger = spdlog::stdout_logger_mt("evenkeel");
  spdlog::set_default_logger(std::move(logger));
  spdlog::set_pattern(format == LogFormat::kJson ? "%v" : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
                      spdlog::pattern_time_type::utc);
  spdlog::set_level(ToSpdlog(level));
  spdlog::flush_on(spdlog::level::info);
}

void Log(LogLevel level, std::string_view message, LogFields fields) {
  if (!spdlog::should_log(ToSpdlog(level))) return;
  spdlog::log(ToSpdlog(level), "{}",
              g_format == LogFormat::kJson ? JsonLine(Now(), level, message, fields)
                                           : TextLine(message, fields));
}

void LogDecision(const Outcome& outcome, bool noteworthy) {
  const LogLevel level = noteworthy ? LogLevel::kInfo : LogLevel::kDebug;
  if (!spdlog::should_log(ToSpdlog(level))) return;
  spdlog::log(ToSpdlog(level), "{}",
              g_format == LogFormat::kJson ? JsonDecisionLine(Now(), level, outcome)
                                           : FormatDecision(outcome));
}

void FlushLog() { spdlog::default_logger()->flush(); }

}  // namespace evenkeel
