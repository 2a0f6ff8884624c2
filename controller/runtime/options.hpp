// The command line: every flag, its default and its range, in one place.
//
// Each flag of `run` may also be given as an environment variable: --sync-period is
// EVENKEEL_SYNC_PERIOD. The flag wins.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policies/result.hpp"

namespace evenkeel {

enum class LogFormat { kText, kJson };
enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct RunOptions {
  std::string kubeconfig{};  // empty: the pod's own access, $KUBECONFIG or ~/.kube/config
  std::string context{};     // empty: the kubeconfig's current one
  std::string service_account_dir = "/var/run/secrets/kubernetes.io/serviceaccount";
  std::string namespace_name{};  // empty: all namespaces
  std::string pod_name{};        // reportingInstance of Events
  std::string config_file{};     // empty: none
  std::string prometheus_url{};  // of the source "default"; empty: the file has it
  std::string prometheus_token_file{};
  std::string prometheus_ca_file{};
  bool prometheus_raw_queries = false;
  std::chrono::milliseconds prometheus_timeout{10'000};  // of a round; below the sync period
  std::chrono::milliseconds sync_period{15'000};
  std::chrono::milliseconds foreign_change_hold{300'000};
  std::string bind_address = "0.0.0.0:8080";  // /metrics, /healthz, /readyz, /debug/plan
  double kube_api_qps = 20;                   // writes a second
  int kube_api_burst = 30;
  LogFormat log_format = LogFormat::kText;
  LogLevel log_level = LogLevel::kInfo;
};

// Of `rules`.
struct RulesOptions {
  std::vector<std::string> presets{};  // empty: prom-client
  std::chrono::seconds window{60};
  std::chrono::seconds interval{15};
  std::string config_file{};  // for presets of the administrator's

  bool operator==(const RulesOptions&) const = default;
};

// One of --policy and --baseline of `simulate`, in the order in which they were given.
struct EntrantFlag {
  bool is_file = false;  // of ScalingPolicies; otherwise a baseline, with settings: "kpa{target=3}"
  std::string value;

  bool operator==(const EntrantFlag&) const = default;
};

// Of `simulate`.
struct SimulateOptions {
  std::vector<std::string> scenarios{};  // files; at least one
  std::vector<EntrantFlag> entrants{};   // empty: the default policy and all baselines
  std::uint64_t first_seed = 1;
  std::uint64_t last_seed = 3;  // included
  bool grid = false;            // every setting of each baseline
  std::chrono::seconds sync_period{15};
  bool json = false;                   // to standard output, instead of a table
  std::vector<std::string> reports{};  // files: .html, .md or .json
  std::string timeline{};              // file: .jsonl; empty: none
  int threads = 0;                     // 0: as many as there are cores
};

enum class Subcommand { kRun, kCheck, kRules, kSimulate, kVersion, kHelp };

struct CommandLine {
  Subcommand subcommand = Subcommand::kRun;
  RunOptions run{};  // of check: only what names the sources
  RulesOptions rules{};
  SimulateOptions simulate{};
  std::vector<std::string> files{};  // of check
  std::string help{};                // of kHelp: the text to print
};

// As `evenkeel version` prints it: "0.1.0".
[[nodiscard]] std::string Version();

// `arguments` without the program's name. kInvalid names the flag, what was given, what is allowed.
[[nodiscard]] Result<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments);

}  // namespace evenkeel
