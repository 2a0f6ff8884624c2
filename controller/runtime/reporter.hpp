// Reporter: the one place that turns an Outcome into the log line, the metrics, the status and the
// events. Used by one thread.
#pragma once

#include <stop_token>
#include <string>

#include "controller/core/outcome.hpp"
#include "controller/runtime/kube_writer.hpp"
#include "controller/runtime/metrics.hpp"
#include "controller/runtime/world.hpp"

namespace evenkeel {

class Reporter {
 public:
  Reporter(KubeWriter& writer, Metrics& metrics, std::string instance)
      : writer_(writer), metrics_(metrics), instance_(std::move(instance)) {}

  // What was decided. `target_uid` may be empty.
  void Report(PolicyEntry& entry, const Outcome& outcome, const std::string& target_uid,
              std::stop_token stop);
  // A spec that cannot be parsed.
  void ReportInvalid(PolicyEntry& entry, TimePoint now, std::stop_token stop);

 private:
  void LogOnce(PolicyEntry& entry, const Outcome& outcome);
  void WriteStatus(PolicyEntry& entry, const nlohmann::json& status, std::stop_token stop);
  void SendEvents(const PolicyEntry& entry, const std::vector<EventNote>& notes,
                  const EventSubject& related, TimePoint time, std::stop_token stop);

  KubeWriter& writer_;
  Metrics& metrics_;
  std::string instance_;
};

}  // namespace evenkeel
