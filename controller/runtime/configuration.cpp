#include "controller/runtime/configuration.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "controller/runtime/built_in_presets.hpp"
#include "controller/runtime/http_transport.hpp"
#include "controller/runtime/log.hpp"
#include "controller/runtime/yaml.hpp"

namespace evenkeel {
namespace {

std::string Joined(const std::vector<FieldError>& faults) {
  std::string text;
  for (const FieldError& fault : faults) text += (text.empty() ? "" : "; ") + fault.ToString();
  return text;
}

Result<ControllerConfig> ReadConfig(const std::string& file) {
  const std::string prefix = "configuration file '" + file + "': ";
  const Result<std::string> text = ReadSmallFile("configuration file", file);
  if (!text) return text.error();
  const Result<std::vector<nlohmann::json>> documents = YamlToJson(*text);
  if (!documents) return Invalid(prefix + documents.error().message);
  if (documents->size() > 1) return Invalid(prefix + "must be one YAML document");
  ParsedControllerConfig parsed =
      ParseControllerConfig(documents->empty() ? nlohmann::json() : documents->front());
  if (auto* config = std::get_if<ControllerConfig>(&parsed)) return std::move(*config);
  return Invalid(prefix + Joined(std::get<std::vector<FieldError>>(parsed)));
}

// The built-in ones, and the file's over them.
Result<PresetTable> PresetsWith(const nlohmann::json& given, const std::string& file) {
  if (given.is_null()) return BuiltInPresets();
  std::vector<FieldError> faults;
  PresetTable presets = ParsePresets(given, "presets", faults);
  if (!faults.empty()) return Invalid("configuration file '" + file + "': " + Joined(faults));
  presets.insert(BuiltInPresets().begin(), BuiltInPresets().end());
  return presets;
}

std::optional<std::string> NotEmpty(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

SourceConfig SourceOfFlags(const RunOptions& options) {
  SourceConfig source;
  source.server.base_url = options.prometheus_url;
  source.server.bearer_token_file = NotEmpty(options.prometheus_token_file);
  source.server.ca_file = NotEmpty(options.prometheus_ca_file);
  source.raw_queries = options.prometheus_raw_queries;
  return source;
}

// "default, thanos"
std::string NamesOf(const std::vector<SourceConfig>& sources) {
  std::string names;
  for (const SourceConfig& source : sources) names += (names.empty() ? "" : ", ") + source.name;
  return names;
}

}  // namespace

Result<ControllerConfig> Configuration::Load() const {
  ControllerConfig config;
  const bool by_flag = !options_.prometheus_url.empty();
  const bool may_be_absent = by_flag && sources_.empty();
  if (!options_.config_file.empty() && !(may_be_absent && stamp_ == FileStamp{})) {
    Result<ControllerConfig> read = ReadConfig(options_.config_file);
    if (!read) return read.error();
    config = *std::move(read);
  }
  if (by_flag) {
    if (std::ranges::find(config.sources, kDefaultSource, &SourceConfig::name) !=
        config.sources.end()) {
      return Invalid("configuration file '" + options_.config_file +
                     "': sources: \"default\" is given by --prometheus-url already: drop one");
    }
    config.sources.push_back(SourceOfFlags(options_));
  }
  if (config.sources.empty()) {
    return Invalid("configuration file '" + options_.config_file +
                   "': sources: has none, and --prometheus-url is not given");
  }
  return config;
}

bool Configuration::IsInUse(const SourceConfig& source) const {
  const auto found = sources_.find(source.name);
  return found != sources_.end() && found->second.server == source.server;
}

// All that can fail comes before the first change.
Status Configuration::Use(const ControllerConfig& config) {
  Result<PresetTable> presets = PresetsWith(config.presets, options_.config_file);
  if (!presets) return presets.error();
  Sources fresh;
  std::string faults;
  for (const SourceConfig& source : config.sources) {
    if (IsInUse(source)) continue;
    ServerConfig server = source.server;
    server.user_agent = "evenkeel/" + Version();
    auto transport = MakeHttpTransport(server);
    if (transport) {
      fresh.emplace(source.name, *std::move(transport));
    } else {
      faults += (faults.empty() ? "source \"" : "; source \"") + source.name +
                "\": " + transport.error().message;
    }
  }
  if (!faults.empty()) return Invalid(faults);
  presets_ = *std::move(presets);
  for (const auto& [name, source] : std::exchange(sources_, {})) {
    const auto kept = std::ranges::find(config.sources, name, &SourceConfig::name);
    if (kept == config.sources.end()) fetcher_.RemoveSource(name);
  }
  for (auto& [name, transport] : fresh) fetcher_.SetSource(name, std::move(transport));
  for (const SourceConfig& source : config.sources) sources_.emplace(source.name, source);
  return Ok();
}

Result<std::unique_ptr<Configuration>> Configuration::Open(const RunOptions& options) {
  std::unique_ptr<Configuration> configuration(new Configuration(options));
  configuration->stamp_ = StampOf(options.config_file);
  const Result<ControllerConfig> config = configuration->Load();
  if (!config) return config.error();
  if (const Status used = configuration->Use(*config); !used) return used.error();
  return configuration;
}

bool Configuration::Refresh(Metrics& metrics) {
  if (options_.config_file.empty()) return false;
  const FileStamp stamp = StampOf(options_.config_file);
  const bool changed = stamp != stamp_;
  const bool retry = !fault_.empty() && Clock::now() >= retry_at_;
  if (!changed && !retry) return false;
  stamp_ = stamp;
  retry_at_ = Clock::now() + kRetry;
  const Result<ControllerConfig> config = Load();
  const Status used = config ? Use(*config) : Status(config.error());
  const std::string fault = used ? std::string{} : used.error().message;
  const bool told_already = !changed && fault == fault_;
  fault_ = fault;
  if (told_already) return false;
  metrics.CountConfigReload(fault.empty());
  if (fault.empty()) {
    Log(LogLevel::kInfo, "configuration taken over", {{"sources", NamesOf(config->sources)}});
  } else {
    Log(LogLevel::kError, "configuration refused, the last good one stays in use",
        {{"error", fault}});
  }
  return fault.empty();
}

Configured Configuration::configured() const {
  Configured configured{.presets = presets_};
  for (const auto& [name, source] : sources_) {
    configured.raw_queries.emplace(name, source.raw_queries);
  }
  return configured;
}

}  // namespace evenkeel
