#include "controller/runtime/check.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

#include "controller/core/scaling_policy.hpp"
#include "controller/core/signal_format.hpp"
#include "controller/core/text.hpp"
#include "controller/core/time_format.hpp"
#include "controller/kubernetes/json_access.hpp"
#include "controller/prometheus/zero.hpp"
#include "controller/runtime/built_in_presets.hpp"
#include "controller/runtime/configuration.hpp"
#include "controller/runtime/live_check.hpp"
#include "controller/runtime/manifests.hpp"
#include "controller/runtime/traps.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::size_t kNameBytes = 253;

bool IsManifest(const fs::path& path) {
  constexpr std::array kExtensions = {".yaml", ".yml", ".json"};
  return std::find(kExtensions.begin(), kExtensions.end(), path.extension()) != kExtensions.end();
}

// The manifests of a directory in alphabetical order; of anything else, itself.
Result<std::vector<std::string>> Expand(const std::string& file) {
  std::error_code error;
  if (file == "-" || !fs::is_directory(file, error)) return std::vector{file};
  std::vector<std::string> files;
  for (fs::directory_iterator entry(file, error), end; !error && entry != end;
       entry.increment(error)) {
    if (IsManifest(entry->path())) files.push_back(entry->path().string());
  }
  if (error) return Invalid(error.message());
  if (files.empty()) return Invalid("no *.yaml, *.yml or *.json in this directory");
  std::sort(files.begin(), files.end());
  return files;
}

// "212ms/250ms, 4s old" or "NoData: no series of ...".
std::string Shown(const LiveSignal& signal, TimePoint now) {
  const Reading& reading = signal.reading;
  if (!reading.HasValue()) return std::string(ToString(reading.state)) + ": " + reading.message;
  const auto age = std::chrono::floor<std::chrono::seconds>(now - reading.sample_time);
  return (reading.at_least ? "≥" : "") + FormatSignalValue(signal.name, reading.value) +
         (signal.objective.empty() ? "" : "/" + signal.objective) + ", " + FormatDuration(age) +
         " old" + (reading.pods ? ", mean of " + std::to_string(reading.pods->pods) + " pods" : "");
}

class Checker {
 public:
  // `configuration`: nullptr to ask no source.
  Checker(Configuration* configuration, std::ostream& out, std::ostream& err)
      : out_(out), err_(err) {
    if (configuration == nullptr) return;
    const Configured configured = configuration->configured();
    presets_ = configured.presets;
    live_.emplace(configuration->fetcher(), presets_, configured.raw_queries);
  }

  void CheckPath(const std::string& path) {
    const auto files = Expand(path);
    if (!files) return Complain(path, files.error());
    for (const std::string& file : *files) CheckFile(file);
  }

  [[nodiscard]] int ExitStatus() {
    if (!unreadable_ && policies_ == 0) {
      err_ << "no ScalingPolicy found\n";
      return 2;
    }
    if (unreadable_) return 2;
    return invalid_ ? 1 : 0;
  }

 private:
  void Complain(const std::string& file, const Error& error) {
    err_ << file << ": " << error.message << "\n";
    unreadable_ = true;
  }

  void CheckFile(const std::string& file) {
    const Result<std::vector<json>> objects = ReadManifests(file);
    if (!objects) return Complain(file, objects.error());
    for (const json& object : *objects) CheckObject(file, object);
  }

  void CheckObject(const std::string& file, const json& object) {
    const std::string kind = StringField(object, "kind");
    const std::string name = BoundedText(StringField(object, "metadata.name"), kNameBytes);
    if (kind != "ScalingPolicy") {
      out_ << file << ": " << (kind.empty() ? "(no kind)" : BoundedText(kind, kNameBytes)) << " "
           << name << ": skipped, not a ScalingPolicy\n";
      return;
    }
    ++policies_;
    std::string space = BoundedText(StringField(object, "metadata.namespace"), kNameBytes);
    if (space.empty()) space = "default";
    CheckPolicy(file + ": " + space + "/" + (name.empty() ? "(no name)" : name) + ": ", object);
  }

  void CheckPolicy(const std::string& prefix, const json& object) {
    const ParsedScalingPolicy parsed = ParseScalingPolicy(object);
    if (const auto* faults = std::get_if<std::vector<FieldError>>(&parsed)) {
      return Print(prefix + "error: ", *faults);
    }
    const auto& policy = std::get<ScalingPolicy>(parsed);
    if (const auto fault = NeverComesBack(policy, presets_))
      return Print(prefix + "error: ", {*fault});
    Warn(prefix, FindTraps(policy, presets_));
    if (live_) ShowLive(prefix, policy);
    out_ << prefix << "OK\n";
  }

  void ShowLive(const std::string& prefix, const ScalingPolicy& policy) {
    const TimePoint now =
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const LiveReport report = live_->Look(policy, now);
    for (const LiveSignal& signal : report.signals) {
      out_ << prefix << signal.name << " is " << Shown(signal, now) << "\n";
      for (const std::string& query : signal.queries) out_ << prefix << "  by " << query << "\n";
    }
    Warn(prefix, report.traps);
  }

  void Warn(const std::string& prefix, const std::vector<FieldError>& traps) {
    for (const FieldError& trap : traps) {
      out_ << prefix << "warning: " << trap.ToString() << "\n";
    }
  }

  void Print(const std::string& prefix, const std::vector<FieldError>& faults) {
    for (const FieldError& fault : faults) out_ << prefix << fault.ToString() << "\n";
    invalid_ = true;
  }

  std::ostream& out_;
  std::ostream& err_;
  PresetTable presets_ = BuiltInPresets();
  std::optional<LiveCheck> live_;
  int policies_ = 0;
  bool invalid_ = false;
  bool unreadable_ = false;
};

}  // namespace

int RunCheck(const std::vector<std::string>& files, const RunOptions& sources, std::ostream& out,
             std::ostream& err) {
  if (files.empty()) {
    err << "no input: give files or directories, or - for standard input\n";
    return 2;
  }
  std::unique_ptr<Configuration> configuration;
  if (!sources.config_file.empty() || !sources.prometheus_url.empty()) {
    auto opened = Configuration::Open(sources);
    if (!opened) {
      err << opened.error().message << "\n";
      return 2;
    }
    configuration = *std::move(opened);
  }
  Checker checker(configuration.get(), out, err);
  for (const std::string& file : files) checker.CheckPath(file);
  return checker.ExitStatus();
}

}  // namespace evenkeel
