#include "controller/runtime/configuration.hpp"

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/prometheus/breaker.hpp"
#include "controller/runtime/built_in_presets.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/transport_fixture.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

const std::string kEmpty = R"({"status":"success","data":{"resultType":"vector","result":[]}})";

std::string SourceAt(const std::string& name, const std::string& url,
                     const std::string& more = "") {
  return "- {name: " + name + ", url: '" + url + "'" + more + "}\n";
}

// One query to each of these sources; the error of those that failed.
std::map<std::string, std::string> Ask(Fetcher& fetcher, const std::vector<std::string>& names) {
  std::vector<PolicyNeeds> policies;
  for (const std::string& name : names) {
    PolicyNeeds needs{{"shop", name}, {}, {}, {{"requestRate", 0s}}, {}};
    needs.metrics.source = name;
    needs.metrics.queries = {{"requestRate", "up"}};
    policies.push_back(needs);
  }
  std::map<std::string, std::string> errors;
  const Plan plan = BuildPlan(policies, TimePoint(1'700'000'000s), {BuiltInPresets()});
  for (const evenkeel::Answer& answer : fetcher.Fetch(plan, 10s, {}).answers) {
    errors[answer.query.source] = answer.result ? "" : answer.result.error().message;
  }
  return errors;
}

bool Holds(const Metrics& metrics, const std::string& line) {
  return metrics.Serialize().find("\n" + line + "\n") != std::string::npos;
}

std::string Refusal(const RunOptions& options) {
  const auto opened = Configuration::Open(options);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().kind == ErrorKind::kInvalid);
  return opened.error().message;
}

struct Rig {
  explicit Rig(const std::string& text) : file(directory.Write("config.yaml", text)) {
    auto opened = Configuration::Open({.config_file = file});
    if (!opened) FAIL(opened.error().message);
    configuration = *std::move(opened);
  }
  void Rewrite(const std::string& text) {
    directory.Write("config.yaml", text);
    configuration->Refresh(metrics);
  }

  TempDir directory;
  std::string file;
  Metrics metrics;
  std::unique_ptr<Configuration> configuration;
};

}  // namespace

TEST_CASE("configuration: a changed file adds, changes and removes sources, and keeps the others") {
  std::atomic<int> made{0};
  std::atomic<int> used{0};  // the connection of the last query
  const RawServer server([&](Connection& connection) {
    const int mine = ++made;
    while (!connection.ReadRequest().empty()) {
      used = mine;
      connection.Write(test::Answer(200, kEmpty));
    }
  });
  const std::string kept = SourceAt("kept", server.url());
  Rig rig("sources:\n" + kept + SourceAt("gone", server.url()) +
          SourceAt("moved", "http://127.0.0.1:1"));
  Fetcher& fetcher = rig.configuration->fetcher();
  CHECK_THAT(Ask(fetcher, {"kept", "gone", "moved"})["moved"], Contains("refused"));
  const int before = made;

  rig.Rewrite("sources:\n" + kept + SourceAt("moved", server.url(), ", rawQueries: true"));
  auto errors = Ask(fetcher, {"kept", "gone", "moved"});
  CHECK(errors["kept"].empty());
  CHECK(errors["moved"].empty());
  CHECK_THAT(errors["gone"], Contains("no source \"gone\" is configured; known are: kept, moved"));
  CHECK(rig.configuration->configured().raw_queries ==
        RawQueryRights{{"kept", false}, {"moved", true}});
  // A connection is free again only shortly after its answer was read.
  CHECK(Await([&] { return Ask(fetcher, {"kept"})["kept"].empty() && used <= before; }));
  CHECK(Holds(rig.metrics, R"(evenkeel_config_reloads_total{result="ok"} 1)"));

  rig.configuration->Refresh(rig.metrics);
  CHECK(Holds(rig.metrics, R"(evenkeel_config_reloads_total{result="ok"} 1)"));
}

TEST_CASE("configuration: a query arrives with the source's token, tenant, parameters and prefix") {
  std::atomic<bool> complete = false;
  const RawServer server([&](Connection& connection) {
    const std::string request = connection.ReadRequest();
    complete = request.starts_with("POST /prometheus/api/v1/query?dedup=true HTTP/1.1") &&
               HeaderOf(request, "Authorization") == "Bearer hunter2" &&
               HeaderOf(request, "X-Scope-OrgID") == "team-a" &&
               HeaderOf(request, "THANOS-TENANT") == "team-b";
    connection.Write(test::Answer(200, kEmpty));
  });
  const TempDir secrets;
  const Rig rig("sources:\n" +
                SourceAt("mimir", server.url() + "/prometheus",
                         ", bearerTokenFile: " + secrets.Write("token", "hunter2\n") +
                             ", headers: {X-Scope-OrgID: team-a}, headerFiles: {THANOS-TENANT: " +
                             secrets.Write("tenant", "team-b") +
                             "}, queryParameters: {dedup: 'true'}"));
  CHECK(Ask(rig.configuration->fetcher(), {"mimir"})["mimir"].empty());
  CHECK(complete);
}

TEST_CASE("configuration: a source's circuit breaker stays open over a reload") {
  const std::string down = SourceAt("down", "http://127.0.0.1:1");
  Rig rig("sources:\n" + down);
  Fetcher& fetcher = rig.configuration->fetcher();
  for (int i = 0; i < Breaker::kTripAfter; ++i) (void)Ask(fetcher, {"down"});
  REQUIRE_THAT(Ask(fetcher, {"down"})["down"], Contains("not asked again yet"));
  SECTION("where it is the same") {
    rig.Rewrite("sources:\n" + SourceAt("other", "http://127.0.0.1:1") + down);
    CHECK_THAT(Ask(fetcher, {"down"})["down"], Contains("not asked again yet"));
  }
  SECTION("and begins closed where it is another") {
    rig.Rewrite("sources:\n" + SourceAt("down", "http://127.0.0.1:2"));
    CHECK_THAT(Ask(fetcher, {"down"})["down"], Contains("refused"));
  }
}

TEST_CASE("configuration: of a bad file nothing is taken over, and the next good one is") {
  const RawServer server(Repeat(test::Answer(200, kEmpty)));
  const std::string good = "sources:\n" + SourceAt("default", server.url());
  const std::string bad[] = {
      "sources: [",
      "",
      "sources:\n" + SourceAt("default", server.url(), ", rawQueries: 1, x: 2"),
      "sources:\n" + SourceAt("other", "http://127.0.0.1:1") +
          SourceAt("default", server.url(), ", bearerTokenFile: /nowhere/token"),
  };
  for (const std::string& text : bad) {
    CAPTURE(text);
    Rig rig(good);
    rig.Rewrite(text);
    CHECK(Ask(rig.configuration->fetcher(), {"default"})["default"].empty());
    CHECK(rig.configuration->configured().raw_queries == RawQueryRights{{"default", false}});
    CHECK(Holds(rig.metrics, "evenkeel_config_last_reload_successful 0"));
    CHECK(Holds(rig.metrics, R"(evenkeel_config_reloads_total{result="failed"} 1)"));
    rig.Rewrite("sources:\n" + SourceAt("default", server.url(), ", rawQueries: true"));
    CHECK(rig.configuration->configured().raw_queries == RawQueryRights{{"default", true}});
    CHECK(Holds(rig.metrics, "evenkeel_config_last_reload_successful 1"));
  }
}

TEST_CASE("configuration: a ConfigMap's swapped link is a change, its deletion changes nothing") {
  namespace fs = std::filesystem;
  const TempDir directory;
  const auto swap = [&](const std::string& name, const std::string& text) {
    fs::create_directory(directory.path() / name);
    directory.Write(name + "/config.yaml", text);
    fs::create_symlink(name, directory.path() / "..tmp");
    fs::rename(directory.path() / "..tmp", directory.path() / "..data");
  };
  swap("one", "sources:\n" + SourceAt("default", "http://a:1"));
  fs::create_symlink("..data/config.yaml", directory.path() / "config.yaml");
  Metrics metrics;
  const auto configuration = Configuration::Open({.config_file = directory.path() / "config.yaml"});
  REQUIRE(configuration);
  swap("two", "sources:\n" + SourceAt("default", "http://a:1", ", rawQueries: true"));
  (*configuration)->Refresh(metrics);
  CHECK((*configuration)->configured().raw_queries == RawQueryRights{{"default", true}});
  fs::remove(directory.path() / "..data");
  (*configuration)->Refresh(metrics);
  CHECK((*configuration)->configured().raw_queries == RawQueryRights{{"default", true}});
  CHECK(Holds(metrics, "evenkeel_config_last_reload_successful 0"));
}

TEST_CASE("configuration: beside --prometheus-url the file may come later, without a default") {
  const TempDir directory;
  const std::string file = directory.path() / "config.yaml";
  Metrics metrics;
  const auto opened = Configuration::Open(
      {.config_file = file, .prometheus_url = "http://a:1", .prometheus_raw_queries = true});
  REQUIRE(opened);
  Configuration& configuration = **opened;
  CHECK(configuration.configured().raw_queries == RawQueryRights{{"default", true}});
  configuration.Refresh(metrics);
  CHECK(Holds(metrics, "evenkeel_config_last_reload_successful 1"));
  directory.Write("config.yaml", "sources:\n" + SourceAt("thanos", "http://b:1"));
  configuration.Refresh(metrics);
  CHECK(configuration.configured().raw_queries ==
        RawQueryRights{{"default", true}, {"thanos", false}});
  directory.Write("config.yaml", "sources:\n" + SourceAt("default", "http://b:1"));
  configuration.Refresh(metrics);
  CHECK(Holds(metrics, "evenkeel_config_last_reload_successful 0"));
}

TEST_CASE("configuration: at the start a bad file is refused with every fault") {
  const TempDir directory;
  const auto with = [&](const std::string& text) {
    return RunOptions{.config_file = directory.Write("config.yaml", text)};
  };
  CHECK_THAT(Refusal({.config_file = "/nowhere/config.yaml"}),
             Contains("configuration file '/nowhere/config.yaml': No such file"));
  CHECK_THAT(Refusal(with("a: [")), Contains("line 1"));
  CHECK_THAT(Refusal(with("a: 1\n---\nb: 2\n")), Contains("must be one YAML document"));
  CHECK_THAT(Refusal(with("presets: []")), Contains("sources: has none"));
  CHECK_THAT(
      Refusal(with("sources: [{name: A, url: x}]")),
      Contains("sources[0].name: must be lower case") && Contains("sources[0].url: must be"));
  CHECK_THAT(Refusal(with("sources: [{name: a, url: 'https://b', tls: {caFile: /nowhere/ca}}]")),
             Contains("source \"a\": CA file '/nowhere/ca': No such file"));
  RunOptions both = with("sources:\n" + SourceAt("default", "http://b:1"));
  both.prometheus_url = "http://a:1";
  CHECK_THAT(Refusal(both), Contains("\"default\" is given by --prometheus-url already"));
}

TEST_CASE("configuration: presets of the file stand beside and above the built-in ones") {
  const TempDir dir;
  const std::string file = dir.Write("config.yaml",
                                     "sources: [{name: default, url: 'http://127.0.0.1:1'}]\n"
                                     "presets:\n"
                                     "- {name: ours, requests: {histogram: our_seconds}}\n"
                                     "- {name: istio, requests: {histogram: mesh_seconds}}\n");
  const auto configuration = Configuration::Open({.config_file = file});
  REQUIRE(configuration);
  const PresetTable presets = (*configuration)->configured().presets;
  CHECK(presets.at("ours").requests.histogram.front().name == "our_seconds");
  CHECK(presets.at("istio").requests.histogram.front().name == "mesh_seconds");
  CHECK(presets.contains("prom-client"));

  dir.Write("bad.yaml",
            "sources: [{name: default, url: 'http://127.0.0.1:1'}]\n"
            "presets: [{name: ours, requests: {histogram: 'our seconds'}}]\n");
  const auto bad = Configuration::Open({.config_file = dir.path() / "bad.yaml"});
  REQUIRE_FALSE(bad);
  CHECK_THAT(bad.error().message, Contains("presets[0].requests.histogram: must be a metric name"));
}
