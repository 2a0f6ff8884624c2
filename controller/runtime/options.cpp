#include "controller/runtime/options.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <cctype>
#include <sstream>

#include "controller/core/time_format.hpp"
#include "controller/runtime/option_values.hpp"

namespace evenkeel {
namespace {

namespace po = boost::program_options;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kUsage =
    R"(Evenkeel scales Node.js services on Kubernetes by latency, errors and event-loop load.

usage: evenkeel [run] [flags]        the controller
       evenkeel check -f FILE...     validate ScalingPolicies; "-" reads stdin; with
                                     --prometheus URL, show their signals as they are now
       evenkeel rules [flags]        print recording rules that make the controller's queries cheap
       evenkeel simulate [flags]     try policies on simulated services, beside other autoscalers
       evenkeel version              print the version
       evenkeel help                 this text

)";

// Durations are text until they are checked: "15s".
struct RawRun {
  std::string prometheus_timeout;
  std::string sync_period;
  std::string foreign_change_hold;
  std::string log_format;
  std::string log_level;
};

po::options_description RunFlags(RunOptions& run, RawRun& raw) {
  po::options_description flags("flags of run (each also as EVENKEEL_<FLAG> in the environment)",
                                100);
  auto add = flags.add_options();
  add("kubeconfig", po::value(&run.kubeconfig)->value_name("FILE"),
      "how to reach the API server; default: the pod's service account, else $KUBECONFIG, else "
      "~/.kube/config");
  add("context", po::value(&run.context)->value_name("NAME"),
      "context of the kubeconfig; default: its current one");
  add("service-account-dir",
      po::value(&run.service_account_dir)
          ->value_name("DIR")
          ->default_value(run.service_account_dir),
      "where the pod's token and ca.crt lie");
  add("namespace", po::value(&run.namespace_name)->value_name("NAME"),
      "serve the policies of this namespace only; default: all");
  add("pod-name", po::value(&run.pod_name)->value_name("NAME"),
      "named in Events as their reporter; default: the host's name");
  add("config", po::value(&run.config_file)->value_name("FILE"),
      "the configuration: sources of metrics. Read again when it changes. It may be absent at "
      "first "
      "where --prometheus-url is given");
  add("prometheus-url", po::value(&run.prometheus_url)->value_name("URL"),
      "short form of a source of metrics named `default`: base URL of a Prometheus-compatible "
      "server");
  add("prometheus-token-file", po::value(&run.prometheus_token_file)->value_name("FILE"),
      "bearer token for it; read again when it changes");
  add("prometheus-ca-file", po::value(&run.prometheus_ca_file)->value_name("FILE"),
      "CA that its certificate must be signed by; default: the system's");
  add("prometheus-raw-queries",
      po::value(&run.prometheus_raw_queries)
          ->value_name("BOOL")
          ->implicit_value(true)
          ->default_value(false, "false"),
      "let policies put PromQL of their own (metrics.queries) to it: it can read all that the "
      "server holds");
  add("prometheus-timeout", po::value(&raw.prometheus_timeout)->value_name("DURATION"),
      "for all queries of a round; what is later counts as failed. Below the sync period; default: "
      "10s, or two thirds of the sync period where that is less");
  add("sync-period", po::value(&raw.sync_period)->value_name("DURATION")->default_value("15s"),
      "how often each policy is decided on, 1s to 5m");
  add("foreign-change-hold",
      po::value(&raw.foreign_change_hold)->value_name("DURATION")->default_value("5m"),
      "how long replicas that someone else set (kubectl scale, GitOps) are neither raised nor "
      "lowered, but for minReplicas and maxReplicas; 0s to 24h, 0s: not at all");
  add("bind-address",
      po::value(&run.bind_address)->value_name("HOST:PORT")->default_value(run.bind_address),
      "where /metrics, /healthz, /readyz and /debug/plan are served");
  add("kube-api-qps",
      po::value(&run.kube_api_qps)->value_name("N")->default_value(run.kube_api_qps),
      "writes to the API server per second, on average");
  add("kube-api-burst",
      po::value(&run.kube_api_burst)->value_name("N")->default_value(run.kube_api_burst),
      "writes at once");
  add("log-format", po::value(&raw.log_format)->value_name("FORMAT")->default_value("text"),
      "text or json");
  add("log-level", po::value(&raw.log_level)->value_name("LEVEL")->default_value("info"),
      "debug, info, warning or error");
  return flags;
}

po::options_description CheckFlags(std::vector<std::string>& files, RunOptions& sources) {
  po::options_description flags("flags of check", 100);
  auto add = flags.add_options();
  add("filename,f", po::value(&files)->value_name("FILE")->composing(),
      "a file with ScalingPolicies as YAML or JSON, a directory of such, or -");
  add("prometheus", po::value(&sources.prometheus_url)->value_name("URL"),
      "ask this server what each signal is now, and look for traps in the answers");
  add("prometheus-token-file", po::value(&sources.prometheus_token_file)->value_name("FILE"),
      "bearer token for it");
  add("prometheus-ca-file", po::value(&sources.prometheus_ca_file)->value_name("FILE"),
      "CA that its certificate must be signed by");
  add("config", po::value(&sources.config_file)->value_name("FILE"),
      "ask the sources of this configuration, and know its presets");
  return flags;
}

struct RawRules {
  std::string window;
  std::string interval;
};

po::options_description RulesFlags(RulesOptions& rules, RawRules& raw) {
  po::options_description flags("flags of rules", 100);
  auto add = flags.add_options();
  add("preset", po::value(&rules.presets)->value_name("NAME")->composing(),
      "record this preset's signals; may be repeated; default: prom-client");
  add("window", po::value(&raw.window)->value_name("DURATION")->default_value("1m"),
      "the metrics.window of the policies that are to use them");
  add("interval", po::value(&raw.interval)->value_name("DURATION")->default_value("15s"),
      "how often Prometheus evaluates them");
  add("config", po::value(&rules.config_file)->value_name("FILE"), "know the presets of this file");
  return flags;
}

struct RawSimulate {
  std::string seeds;
  std::string sync_period;
  std::vector<std::string> policies;  // read from the parsed options, where their order is known
  std::vector<std::string> baselines;
};

po::options_description SimulateFlags(SimulateOptions& simulate, RawSimulate& raw) {
  po::options_description flags("flags of simulate", 100);
  auto add = flags.add_options();
  add("scenario,s", po::value(&simulate.scenarios)->value_name("FILE")->multitoken()->composing(),
      "a scenario as JSON; several may follow one another, and the flag may be repeated");
  add("policy", po::value(&raw.policies)->value_name("FILE")->composing(),
      "a file with ScalingPolicies, which run with the scenario's bounds and objectives; may be "
      "repeated. Others are compared with the first policy or baseline");
  add("baseline", po::value(&raw.baselines)->value_name("NAME[{k=v,...}]")->composing(),
      "another autoscaler, e.g. hpa-elu or 'hpa-elu{target=0.5,window=60}'; may be repeated. "
      "Without --policy and --baseline: the default policy beside all baselines");
  add("grid", po::bool_switch(&simulate.grid),
      "try every setting of each baseline's grid, and show the best on each axis");
  add("seeds", po::value(&raw.seeds)->value_name("A-B")->default_value("1-3"),
      "one episode for each; 95 % intervals need several");
  add("sync-period", po::value(&raw.sync_period)->value_name("DURATION")->default_value("15s"),
      "how often each policy is decided on, 1s to 5m");
  add("json", po::bool_switch(&simulate.json), "print JSON instead of a table");
  add("report", po::value(&simulate.reports)->value_name("FILE")->composing(),
      "also write a report to a file: .html, with curves, .md or .json; may be repeated");
  add("timeline", po::value(&simulate.timeline)->value_name("FILE.jsonl"),
      "also write how each episode went, one JSON object per line for each policy and seed: load, "
      "replicas and ready pods of every second, requests, P99 and utilization of every 10 s");
  add("threads", po::value(&simulate.threads)->value_name("N")->default_value(0, "all cores"),
      "episodes at once; the results do not depend on it");
  return flags;
}

// A round that asks until the next one is due would postpone it.
Result<milliseconds> Timeout(const std::string& given, milliseconds period) {
  if (given.empty()) return std::min<milliseconds>(seconds(10), period * 2 / 3);
  const auto timeout = DurationOf("prometheus-timeout", given, milliseconds(100), seconds(300));
  if (!timeout || *timeout < period) return timeout;
  return Invalid("--prometheus-timeout: must be below the sync period of " +
                 FormatDuration(period) + ", not \"" + given + "\"");
}

Status Complete(RunOptions& run, const RawRun& raw) {
  for (const Status& checked :
       {CheckSources(run), CheckAddress(run.bind_address), CheckRates(run)}) {
    if (!checked) return checked;
  }
  const auto period = DurationOf("sync-period", raw.sync_period, seconds(1), seconds(300));
  if (!period) return period.error();
  const auto timeout = Timeout(raw.prometheus_timeout, *period);
  if (!timeout) return timeout.error();
  const auto hold = DurationOf("foreign-change-hold", raw.foreign_change_hold, seconds(0),
                               std::chrono::hours(24));
  if (!hold) return hold.error();
  const auto format = Choose<LogFormat>("log-format", raw.log_format,
                                        {{"text", LogFormat::kText}, {"json", LogFormat::kJson}});
  if (!format) return format.error();
  const auto level = Choose<LogLevel>("log-level", raw.log_level,
                                      {{"debug", LogLevel::kDebug},
                                       {"info", LogLevel::kInfo},
                                       {"warning", LogLevel::kWarning},
                                       {"error", LogLevel::kError}});
  if (!level) return level.error();
  run.sync_period = *period;
  run.foreign_change_hold = *hold;
  run.prometheus_timeout = *timeout;
  run.log_format = *format;
  run.log_level = *level;
  return Ok();
}

// EVENKEEL_SYNC_PERIOD → sync-period; other variables with the prefix (say, of a Service named
// evenkeel) are not ours.
std::string FlagOf(const std::string& variable, const po::options_description& flags) {
  constexpr std::string_view kPrefix = "EVENKEEL_";
  if (!variable.starts_with(kPrefix)) return {};
  std::string flag = variable.substr(kPrefix.size());
  std::ranges::transform(flag, flag.begin(), [](unsigned char c) {
    return c == '_' ? '-' : static_cast<char>(std::tolower(c));
  });
  return flags.find_nothrow(flag, false) != nullptr ? flag : std::string{};
}

Result<CommandLine> ParseRun(const std::vector<std::string>& arguments) {
  CommandLine line;
  RawRun raw;
  const po::options_description flags = RunFlags(line.run, raw);
  po::variables_map values;
  po::store(po::command_line_parser(arguments).options(flags).positional({}).run(), values);
  po::store(
      po::parse_environment(flags, [&](const std::string& name) { return FlagOf(name, flags); }),
      values);
  po::notify(values);
  if (const Status done = Complete(line.run, raw); !done) return done.error();
  return line;
}

Result<CommandLine> ParseCheck(const std::vector<std::string>& arguments) {
  CommandLine line{.subcommand = Subcommand::kCheck};
  // What a policy asks itself is asked as well: whoever runs this may ask it anyway.
  line.run.prometheus_raw_queries = true;
  const po::options_description flags = CheckFlags(line.files, line.run);
  po::positional_options_description positional;
  positional.add("filename", -1);
  po::variables_map values;
  po::store(po::command_line_parser(arguments).options(flags).positional(positional).run(), values);
  po::notify(values);
  if (line.files.empty()) return Invalid("check: name at least one file with -f, or - for stdin");
  if (!line.run.prometheus_url.empty()) {
    if (const Status checked = CheckUrl("--prometheus", line.run.prometheus_url); !checked) {
      return checked.error();
    }
  }
  return line;
}

Result<CommandLine> ParseRules(const std::vector<std::string>& arguments) {
  CommandLine line{.subcommand = Subcommand::kRules};
  RawRules raw;
  const po::options_description flags = RulesFlags(line.rules, raw);
  po::variables_map values;
  po::store(po::command_line_parser(arguments).options(flags).positional({}).run(), values);
  po::notify(values);
  const auto window = DurationOf("window", raw.window, seconds(1), std::chrono::hours(1));
  if (!window) return window.error();
  const auto interval = DurationOf("interval", raw.interval, seconds(1), seconds(300));
  if (!interval) return interval.error();
  line.rules.window = std::chrono::ceil<seconds>(*window);
  line.rules.interval = std::chrono::ceil<seconds>(*interval);
  if (line.rules.presets.empty()) line.rules.presets = {"prom-client"};
  return line;
}

// --policy and --baseline in the order in which they stand on the command line.
std::vector<EntrantFlag> EntrantsOf(const po::parsed_options& parsed) {
  std::vector<EntrantFlag> entrants;
  for (const po::option& option : parsed.options) {
    if (option.string_key != "policy" && option.string_key != "baseline") continue;
    for (const std::string& value : option.value) {
      entrants.push_back({option.string_key == "policy", value});
    }
  }
  return entrants;
}

Result<CommandLine> ParseSimulate(const std::vector<std::string>& arguments) {
  CommandLine line{.subcommand = Subcommand::kSimulate};
  RawSimulate raw;
  const po::options_description flags = SimulateFlags(line.simulate, raw);
  const auto parsed = po::command_line_parser(arguments).options(flags).positional({}).run();
  po::variables_map values;
  po::store(parsed, values);
  po::notify(values);
  line.simulate.entrants = EntrantsOf(parsed);
  if (line.simulate.scenarios.empty()) return Invalid("simulate: --scenario is required");
  if (const Status read = ReadSeeds(raw.seeds, line.simulate); !read) return read.error();
  const auto period = DurationOf("sync-period", raw.sync_period, seconds(1), seconds(300));
  if (!period) return period.error();
  line.simulate.sync_period = std::chrono::ceil<seconds>(*period);
  for (const Status& checked :
       {CheckReports(line.simulate.reports), CheckTimeline(line.simulate.timeline),
        CheckThreads(line.simulate.threads)}) {
    if (!checked) return checked.error();
  }
  return line;
}

CommandLine Help() {
  RunOptions run;
  RawRun raw;
  CommandLine other;
  RawRules raw_rules;
  RawSimulate raw_simulate;
  std::ostringstream text;
  text << kUsage << RunFlags(run, raw) << '\n'
       << CheckFlags(other.files, other.run) << '\n'
       << RulesFlags(other.rules, raw_rules) << '\n'
       << SimulateFlags(other.simulate, raw_simulate);
  return {.subcommand = Subcommand::kHelp, .help = text.str()};
}

Result<CommandLine> Dispatch(std::vector<std::string> arguments) {
  const bool named = !arguments.empty() && !arguments.front().starts_with('-');
  const std::string subcommand = named ? arguments.front() : "run";
  if (named) arguments.erase(arguments.begin());
  const auto asks_help = [](const std::string& a) { return a == "--help" || a == "-h"; };
  if (subcommand == "help" || std::ranges::any_of(arguments, asks_help)) return Help();
  if (subcommand == "version" || arguments == std::vector<std::string>{"--version"}) {
    return CommandLine{.subcommand = Subcommand::kVersion};
  }
  if (subcommand == "run") return ParseRun(arguments);
  if (subcommand == "check") return ParseCheck(arguments);
  if (subcommand == "rules") return ParseRules(arguments);
  if (subcommand == "simulate") return ParseSimulate(arguments);
  return Invalid("unknown subcommand \"" + subcommand +
                 "\"; known are run, check, rules, simulate, version, help");
}

}  // namespace

std::string Version() { return EVENKEEL_VERSION; }

Result<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments) {
  try {
    return Dispatch(arguments);
  } catch (const po::error& error) {  // its texts name the flag and what was given
    return Invalid(error.what());
  }
}

}  // namespace evenkeel
