// Configuration: the sources of metrics as --config and --prometheus-url give them, alive, and kept
// up with the file as it changes (also by a mounted ConfigMap's symbolic link).
//
// A changed file is taken over as a whole or not at all: what is wrong with it, or with the files
// that it names, leaves the last good one in use, is logged with every fault and counted, and is
// looked at again every kRetry. A source whose settings are the same keeps its connections and its
// circuit breaker. Used by one thread.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "controller/core/controller_config.hpp"
#include "controller/prometheus/presets.hpp"
#include "controller/runtime/controller.hpp"
#include "controller/runtime/fetcher.hpp"
#include "controller/runtime/metrics.hpp"
#include "controller/runtime/options.hpp"
#include "controller/runtime/small_file.hpp"
#include "policies/result.hpp"

namespace evenkeel {

class Configuration {
 public:
  static constexpr std::chrono::seconds kRetry{10};

  // kInvalid has every fault.
  [[nodiscard]] static Result<std::unique_ptr<Configuration>> Open(const RunOptions& options);

  // Takes over a changed file. Between rounds. Says whether anything was taken over.
  bool Refresh(Metrics& metrics);

  [[nodiscard]] Fetcher& fetcher() { return fetcher_; }
  // Of all its sources, and the presets: those built in, with the file's over them.
  [[nodiscard]] Configured configured() const;

 private:
  using Clock = std::chrono::steady_clock;

  explicit Configuration(RunOptions options) : options_(std::move(options)) {}

  [[nodiscard]] Result<ControllerConfig> Load() const;
  [[nodiscard]] Status Use(const ControllerConfig& config);
  [[nodiscard]] bool IsInUse(const SourceConfig& source) const;

  const RunOptions options_;
  Fetcher fetcher_;
  std::map<std::string, SourceConfig, std::less<>> sources_;  // those of fetcher_
  PresetTable presets_;
  FileStamp stamp_;
  std::string fault_;  // of the file as it is; empty: it is in use
  Clock::time_point retry_at_{};
};

}  // namespace evenkeel
