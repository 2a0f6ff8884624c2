#include "controller/runtime/options.hpp"

#include <cstdlib>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

using Arguments = std::vector<std::string>;
const std::string kUrl = "--prometheus-url=http://127.0.0.1:9090";

TEST_CASE("options: run is the default subcommand, with defaults that need no tuning") {
  const auto line = ParseCommandLine({kUrl});
  REQUIRE(line);
  CHECK(line->subcommand == Subcommand::kRun);
  CHECK(line->run.sync_period == std::chrono::seconds(15));
  CHECK(line->run.prometheus_timeout == std::chrono::seconds(10));
  CHECK(line->run.foreign_change_hold == std::chrono::minutes(5));
  CHECK(line->run.bind_address == "0.0.0.0:8080");
}

TEST_CASE("options: queries never take as long as the sync period") {
  const auto line = ParseCommandLine({"run", kUrl, "--sync-period=5s"});
  REQUIRE(line);
  CHECK(line->run.prometheus_timeout == std::chrono::milliseconds(3333));
  CHECK(ParseCommandLine({kUrl, "--sync-period=5s", "--prometheus-timeout=4s"})
            ->run.prometheus_timeout == std::chrono::seconds(4));
}

TEST_CASE("options: sources come from the file, from --prometheus-url or from both") {
  const auto file = ParseCommandLine({"--config=/etc/evenkeel/config.yaml"});
  REQUIRE(file);
  CHECK(file->run.config_file == "/etc/evenkeel/config.yaml");
  CHECK(file->run.prometheus_url.empty());
  CHECK(ParseCommandLine({kUrl, "--config=/x"}));
}

TEST_CASE("options: policies' own PromQL is refused unless it is allowed") {
  CHECK_FALSE(ParseCommandLine({kUrl})->run.prometheus_raw_queries);
  CHECK(ParseCommandLine({kUrl, "--prometheus-raw-queries"})->run.prometheus_raw_queries);
  CHECK_FALSE(
      ParseCommandLine({kUrl, "--prometheus-raw-queries=false"})->run.prometheus_raw_queries);
  REQUIRE(setenv("EVENKEEL_PROMETHEUS_RAW_QUERIES", "true", 1) == 0);
  CHECK(ParseCommandLine({kUrl})->run.prometheus_raw_queries);
  unsetenv("EVENKEEL_PROMETHEUS_RAW_QUERIES");
}

TEST_CASE("options: the hold after a foreign change may be none") {
  const auto line = ParseCommandLine({kUrl, "--foreign-change-hold=0s"});
  REQUIRE(line);
  CHECK(line->run.foreign_change_hold == std::chrono::seconds(0));
}

TEST_CASE("options: simulate compares the default policy with all baselines unless told") {
  const auto line =
      ParseCommandLine({"simulate", "--scenario", "a.json", "b.json", "-s", "c.json"});
  REQUIRE(line);
  CHECK(line->subcommand == Subcommand::kSimulate);
  CHECK(line->simulate.scenarios == Arguments{"a.json", "b.json", "c.json"});
  CHECK(line->simulate.entrants.empty());
  CHECK(line->simulate.first_seed == 1);
  CHECK(line->simulate.last_seed == 3);
  CHECK(line->simulate.threads == 0);
  CHECK(line->simulate.sync_period == std::chrono::seconds(15));
  CHECK(line->simulate.timeline.empty());
  CHECK_FALSE(line->simulate.json);
  CHECK_FALSE(line->simulate.grid);
}

TEST_CASE("options: simulate keeps policies and baselines in the order given") {
  const auto line = ParseCommandLine({"simulate", "--scenario=a.json", "--baseline=kpa",
                                      "--policy=p.yaml", "--baseline", "hpa-elu{target=0.5}",
                                      "--seeds=101-120", "--report=x.json", "--report=x.md",
                                      "--report=x.html", "--timeline=x.jsonl", "--sync-period=5s"});
  REQUIRE(line);
  CHECK(line->simulate.entrants ==
        std::vector<EntrantFlag>{{false, "kpa"}, {true, "p.yaml"}, {false, "hpa-elu{target=0.5}"}});
  CHECK(line->simulate.first_seed == 101);
  CHECK(line->simulate.last_seed == 120);
  CHECK(line->simulate.reports == Arguments{"x.json", "x.md", "x.html"});
  CHECK(line->simulate.timeline == "x.jsonl");
  CHECK(line->simulate.sync_period == std::chrono::seconds(5));
  CHECK(ParseCommandLine({"simulate", "-s", "a.json", "--seeds=7"})->simulate.last_seed == 7);
}

TEST_CASE("options: bad input is refused, naming the flag and what is allowed") {
  const std::pair<Arguments, std::string> rows[] = {
      {{}, "--config or --prometheus-url is required"},
      {{"--config=/x", "--prometheus-raw-queries"}, "belong to --prometheus-url, which is not"},
      {{kUrl, "--prometheus-timeout=15s"},
       "--prometheus-timeout: must be below the sync period of 15s, not \"15s\""},
      {{"--prometheus-url=prometheus:9090"}, "must begin with http:// or https://"},
      {{kUrl, "--sync-period=15"}, "--sync-period: must be a duration from 1s to 5m"},
      {{kUrl, "--sync-period=10m"}, "not \"10m\""},
      {{kUrl, "--foreign-change-hold=25h"}, "must be a duration from 0s to 24h, not \"25h\""},
      {{kUrl, "--log-format=xml"}, "--log-format: \"xml\" is not one of text, json"},
      {{kUrl, "--log-level=loud"}, "is not one of debug, info, warning, error"},
      {{kUrl, "--bind-address=8080"}, "--bind-address: must be HOST:PORT"},
      {{kUrl, "--bind-address=:99999"}, "--bind-address: must be HOST:PORT"},
      {{kUrl, "--kube-api-qps=0"}, "--kube-api-qps"},
      {{kUrl, "--kube-api-burst=many"}, "kube-api-burst"},
      {{kUrl, "--frobnicate"}, "frobnicate"},
      {{kUrl, "stray"}, "positional"},
      {{"rnu"}, "unknown subcommand \"rnu\""},
      {{"check"}, "name at least one file"},
      {{"simulate"}, "--scenario is required"},
      {{"simulate", "-s", "a", "--seeds=3-1"}, "--seeds: must be a number or a range"},
      {{"simulate", "-s", "a", "--seeds=1-"}, "not \"1-\""},
      {{"simulate", "-s", "a", "--seeds=1-10001"}, "at most 10000"},
      {{"simulate", "-s", "a", "--report=out.pdf"}, "--report: must be a file that ends in .html"},
      {{"simulate", "-s", "a", "--timeline=x.csv"},
       "--timeline: must be a file that ends in .jsonl, not \"x.csv\""},
      {{"simulate", "-s", "a", "--sync-period=0s"}, "--sync-period: must be a duration from 1s"},
      {{"simulate", "-s", "a", "--threads=-1"}, "--threads: must be from 1 to 1024"},
      {{"simulate", "-s", "a", "b", "--frobnicate"}, "frobnicate"},
  };
  for (const auto& [arguments, message] : rows) {
    const auto line = ParseCommandLine(arguments);
    REQUIRE_FALSE(line);
    INFO(line.error().message);
    CHECK(line.error().message.find(message) != std::string::npos);
  }
}

TEST_CASE("options: a flag may come from the environment, and the command line wins") {
  REQUIRE(setenv("EVENKEEL_SYNC_PERIOD", "7s", 1) == 0);
  REQUIRE(setenv("EVENKEEL_PORT", "tcp://10.0.0.1:8080", 1) == 0);  // set for a Service: not ours
  CHECK(ParseCommandLine({kUrl})->run.sync_period == std::chrono::seconds(7));
  CHECK(ParseCommandLine({kUrl, "--sync-period=9s"})->run.sync_period == std::chrono::seconds(9));
  unsetenv("EVENKEEL_SYNC_PERIOD");
  unsetenv("EVENKEEL_PORT");
}

TEST_CASE("options: check may ask a source, and rules have a preset, a window and an interval") {
  const auto check = ParseCommandLine({"check", "-f", "a.yaml", "--prometheus", "http://p:9090"});
  REQUIRE(check);
  CHECK(check->run.prometheus_url == "http://p:9090");
  CHECK_THAT(ParseCommandLine({"check", "-f", "a.yaml", "--prometheus", "p:9090"}).error().message,
             Catch::Contains("--prometheus: must begin with http:// or https://, not \"p:9090\""));

  const auto rules = ParseCommandLine({"rules"});
  REQUIRE(rules);
  CHECK(rules->subcommand == Subcommand::kRules);
  CHECK(rules->rules == RulesOptions{.presets = {"prom-client"}});
  const auto given = ParseCommandLine(
      {"rules", "--preset", "istio", "--preset", "linkerd", "--window=30s", "--interval=10s"});
  REQUIRE(given);
  CHECK(given->rules ==
        RulesOptions{{"istio", "linkerd"}, std::chrono::seconds(30), std::chrono::seconds(10), ""});
  CHECK_THAT(ParseCommandLine({"rules", "--window", "2h"}).error().message,
             Catch::Contains("--window: must be a duration from 1s to 1h, not \"2h\""));
}

TEST_CASE("options: check takes files with and without -f, version and help nothing") {
  CHECK(ParseCommandLine({"check", "-f", "a.yaml", "b.yaml"})->files ==
        Arguments{"a.yaml", "b.yaml"});
  CHECK(ParseCommandLine({"version"})->subcommand == Subcommand::kVersion);
  CHECK(ParseCommandLine({"--version"})->subcommand == Subcommand::kVersion);
  CHECK(ParseCommandLine({"help"})->help.find("--prometheus-url") != std::string::npos);
  CHECK(ParseCommandLine({"run", "--help"})->subcommand == Subcommand::kHelp);
}

}  // namespace
}  // namespace evenkeel
