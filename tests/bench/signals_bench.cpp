// Measures what it costs a Prometheus, and us, to answer for the signals of many services once, and
// prints JSON. Usage: signals_bench URL PID TIME FLEET COVERED MAPPING REPETITIONS
// or, for a file of the recording rules: signals_bench rules
//
//   URL, PID     of a Prometheus on this machine that holds the fleet (signals_data.go)
//   TIME         Unix seconds at which everything is asked
//   FLEET        file with a line "namespace name" for each service
//   COVERED      how many of them have a policy, spread evenly
//   MAPPING      service: by the label `service`; pod: by the pods' names, the default
//   REPETITIONS  of everything, by turns; the cheapest counts
//
// The ways: `planned` is what the controller does (BuildPlan, Fetcher, Deal) in a round, whole and
// in parts, and besides `census`, what it asks every kCensusEvery to plan by;
// `perPolicy` one query for each policy and signal; `grouped` four queries for all services that
// exist, as an expert would write them. Each part is {queries, bytes, prometheusCpu, ownCpu}, the
// latter in seconds.
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "controller/prometheus/census.hpp"
#include "controller/prometheus/planner.hpp"
#include "controller/prometheus/rules.hpp"
#include "controller/runtime/built_in_presets.hpp"
#include "controller/runtime/fetcher.hpp"

namespace evenkeel {
namespace {

constexpr std::chrono::milliseconds kDeadline{120'000};
constexpr double kLeastCpu = 0.2;  // seconds of Prometheus' that a measurement takes
constexpr const char* kDuration = "http_request_duration_seconds";
constexpr const char* kLag = "nodejs_eventloop_lag_p99_seconds";

struct Arguments {
  std::string url;
  int pid = 0;
  TimePoint time{};
  std::vector<ObjectKey> covered{};
  bool by_service = false;
  int repetitions = 1;
};

struct Asked {
  std::size_t queries = 0;
  std::size_t bytes = 0;
};

struct Cost {
  Asked asked{};
  double prometheus = std::numeric_limits<double>::infinity();
  double own = std::numeric_limits<double>::infinity();
};

// One way to ask, or a part of it.
struct Way {
  std::string name;
  std::function<Asked()> ask;
  Cost least{};
};

// CPU of this process, in seconds.
double OwnCpu() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// CPU of another process, in seconds; finer than /proc has it.
double CpuOf(int pid) {
  int clock = 0;
  timespec used{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &used) != 0) {
    throw std::runtime_error("there is no process " + std::to_string(pid));
  }
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

void Measure(Way& way, int prometheus) {
  const double before = CpuOf(prometheus);
  const double own_before = OwnCpu();
  int times = 0;
  double spent = 0;
  do {
    way.least.asked = way.ask();
    ++times;
    spent = CpuOf(prometheus) - before;
  } while (spent < kLeastCpu && way.least.asked.queries > 0);
  const double own = OwnCpu() - own_before;
  way.least.prometheus = std::min(way.least.prometheus, spent / times);
  way.least.own = std::min(way.least.own, own / times);
}

std::unique_ptr<HttpTransport> Connect(const std::string& url) {
  auto transport = MakeHttpTransport({.base_url = url});
  if (!transport) throw std::runtime_error(transport.error().message);
  return *std::move(transport);
}

// What the controller does in a round.
class Planned {
 public:
  explicit Planned(const Arguments& arguments)
      : time_(arguments.time),
        // One query at a time, as in the other ways: two at once share a core's caches and memory,
        // and the same work takes more CPU time.
        fetcher_(SourceAt(arguments.url), {.parallel = 1}) {
    for (const ObjectKey& key : arguments.covered) {
      PolicyNeeds& needs = needs_.emplace_back();
      needs.policy = key;
      needs.target.name = key.name;
      if (arguments.by_service) needs.metrics.match = {{"service", key.name}};
      for (const auto name : {signal::kLatencyP99, signal::kErrorRate, signal::kEventLoopLagP99,
                              signal::kRequestRate}) {
        needs.needs.push_back({std::string(name), std::chrono::seconds{0}});
      }
    }
    Round();  // the first one's census is what the others plan by
  }

  Asked Round() {
    const Plan plan = MakePlan();
    const Fetched fetched = fetcher_.Fetch(plan, kDeadline, {});
    census_.Note(fetched.answers, time_);
    for (const Dealt& dealt : Deal(plan, fetched.answers)) Check(dealt);
    return {fetched.sent, fetched.bytes};
  }

  // Only the queries over histograms, or only the others.
  Asked Part(bool histograms) {
    return Only(MakePlan(), [&](const PlannedQuery& query) {
      return (query.topic == signal::kLatencyP99) == histograms;
    });
  }

  Asked CensusAlone() {
    const Census none;
    return Only(BuildPlan(needs_, time_, {BuiltInPresets(), &none}),
                [](const PlannedQuery& query) { return query.members.empty(); });
  }

  [[nodiscard]] Plan MakePlan() const {
    return BuildPlan(needs_, time_, {BuiltInPresets(), &census_});
  }

 private:
  static Sources SourceAt(const std::string& url) {
    Sources sources;
    sources.emplace("default", Connect(url));
    return sources;
  }

  Asked Only(Plan plan, const std::function<bool(const PlannedQuery&)>& wanted) {
    std::erase_if(plan.queries, [&](const PlannedQuery& query) { return !wanted(query); });
    const Fetched fetched = fetcher_.Fetch(plan, kDeadline, {});
    return {fetched.sent, fetched.bytes};
  }

  static void Check(const Dealt& dealt) {
    if (dealt.readings.empty())
      throw std::runtime_error("no reading of " + dealt.policy.ToString());
    for (const auto& [name, reading] : dealt.readings) {
      if (reading.HasValue()) continue;
      throw std::runtime_error(name + " of " + dealt.policy.ToString() + " is " +
                               std::string(ToString(reading.state)) + ": " + reading.message);
    }
  }

  TimePoint time_;
  std::vector<PolicyNeeds> needs_;
  Fetcher fetcher_;
  Census census_{};
};

// Instant queries one after the other, as a scaler that knows nothing of its neighbours sends them.
class Direct {
 public:
  explicit Direct(const Arguments& arguments)
      : time_(std::to_string(
            std::chrono::duration_cast<std::chrono::seconds>(arguments.time.time_since_epoch())
                .count())),
        transport_(Connect(arguments.url)) {}

  // `series`: how many series each must answer with; 0: some.
  Asked Ask(std::span<const std::string> queries, std::size_t series) {
    Asked asked;
    for (const std::string& query : queries) {
      const auto response = transport_->Send(
          {.target = "/api/v1/query?query=" + PercentEncode(query) + "&time=" + time_,
           .deadline = kDeadline},
          {});
      if (!response) throw std::runtime_error(response.error().message);
      const auto result = ParseQueryResponse(*response);
      if (!result) throw std::runtime_error(query + ": " + result.error().message);
      if (result->series.empty() || (series > 0 && result->series.size() != series)) {
        throw std::runtime_error(query + ": not the series that were expected");
      }
      ++asked.queries;
      asked.bytes += response->body.size();
    }
    return asked;
  }

 private:
  std::string time_;
  std::unique_ptr<HttpTransport> transport_;
};

// The four signals by PromQL, over the series that match `own`, a sum for each value of `labels`.
std::map<std::string, std::string> Written(const std::string& own, const std::string& labels) {
  const std::string failed = own + (own.empty() ? "" : ",") + "status_code=~\"5..\"";
  const auto sum = [&](const std::string& more, const std::string& suffix,
                       const std::string& matchers) {
    const std::string by = labels + (labels.empty() || more.empty() ? "" : ", ") + more;
    return "sum by (" + by + ") (rate(" + kDuration + suffix + "{" + matchers + "}[1m]))";
  };
  const std::string lag = labels.empty() ? "avg" : "max by (" + labels + ", pod)";
  return {{"latencyP99", "histogram_quantile(0.99, " + sum("le", "_bucket", own) + ")"},
          {"errorRate", sum("", "_count", failed) + " / " + sum("", "_count", own)},
          {"eventLoopLagP99", lag + " (" + kLag + "{" + own + "})"},
          {"requestRate", sum("", "_count", own)}};
}

std::string OwnMatchers(const ObjectKey& key, bool by_service) {
  const std::string of = "namespace=" + Quote(key.namespace_name);
  if (by_service) return of + ",service=" + Quote(key.name);
  return of + ",pod=~" + Quote(EscapeRegex(key.name) + "-[a-z0-9]+-[a-z0-9]+");
}

void AddDirect(const Arguments& arguments, Direct& direct, std::vector<Way>& ways) {
  std::map<std::string, std::vector<std::string>> singles;
  for (const ObjectKey& key : arguments.covered) {
    for (auto& [name, query] : Written(OwnMatchers(key, arguments.by_service), "")) {
      singles[name].push_back(std::move(query));
    }
  }
  for (auto& [name, queries] : singles) {
    ways.push_back({"perPolicy." + name,
                    [&direct, asked = std::move(queries)] { return direct.Ask(asked, 1); }});
  }
  for (const auto& [name, query] : Written("", "namespace, service")) {
    ways.push_back({"grouped." + name, [&direct, asked = std::vector<std::string>{query}] {
                      return direct.Ask(asked, 0);
                    }});
  }
}

// Megabytes a second of the answers to the plan.
double ParsePace(const Arguments& arguments, const Plan& plan) {
  const auto transport = Connect(arguments.url);
  std::vector<HttpResponse> responses;
  for (const PlannedQuery& query : plan.queries) {
    auto response = transport->Send(RequestOf(query, plan.time, kDeadline), {});
    if (!response) throw std::runtime_error(response.error().message);
    responses.push_back(*std::move(response));
  }
  double bytes = 0;
  double spent = 0;
  const double before = OwnCpu();
  do {
    for (const HttpResponse& response : responses) {
      if (!ParseQueryResponse(response)) throw std::runtime_error("an answer that is none");
      bytes += static_cast<double>(response.body.size());
    }
    spent = OwnCpu() - before;
  } while (spent < 0.5);
  return bytes / spent / 1e6;
}

nlohmann::json MeasureAll(const Arguments& arguments) {
  Planned planned(arguments);
  Direct direct(arguments);
  std::vector<Way> ways = {{"planned.whole", [&] { return planned.Round(); }},
                           {"planned.histograms", [&] { return planned.Part(true); }},
                           {"planned.others", [&] { return planned.Part(false); }},
                           {"planned.census", [&] { return planned.CensusAlone(); }}};
  AddDirect(arguments, direct, ways);
  for (int i = 0; i < arguments.repetitions; ++i) {
    for (Way& way : ways) Measure(way, arguments.pid);
  }
  nlohmann::json report{{"parseMegabytesPerSecond", ParsePace(arguments, planned.MakePlan())}};
  for (const Way& way : ways) {
    const std::size_t dot = way.name.find('.');
    report[way.name.substr(0, dot)][way.name.substr(dot + 1)] = {
        {"queries", way.least.asked.queries},
        {"bytes", way.least.asked.bytes},
        {"prometheusCpu", way.least.prometheus},
        {"ownCpu", way.least.own}};
  }
  return report;
}

// In the form of a rules file; JSON is YAML too.
nlohmann::json Rules() {
  auto rules = nlohmann::json::array();
  const Preset* preset = FindPreset(BuiltInPresets(), "prom-client");
  if (preset == nullptr) throw std::runtime_error("there is no preset prom-client");
  for (const RecordingRule& rule : RulesFor(*preset, std::chrono::minutes{1})) {
    rules.push_back({{"record", rule.record}, {"expr", rule.expr}, {"labels", rule.labels}});
  }
  return {{"groups", {{{"name", "evenkeel"}, {"rules", rules}}}}};
}

std::vector<ObjectKey> ReadCovered(const std::string& file, std::size_t covered) {
  std::ifstream lines(file);
  std::vector<ObjectKey> all;
  for (ObjectKey key; lines >> key.namespace_name >> key.name;) all.push_back(key);
  if (covered == 0 || covered > all.size()) throw std::runtime_error(file + " has too few lines");
  std::vector<ObjectKey> some;
  some.reserve(covered);
  for (std::size_t i = 0; i < covered; ++i) some.push_back(all[i * all.size() / covered]);
  return some;
}

Arguments Read(const std::vector<std::string>& words) {
  if (words.size() != 7) throw std::runtime_error("wrong arguments; see signals_bench.cpp");
  Arguments arguments;
  arguments.url = words[0];
  arguments.pid = std::stoi(words[1]);
  arguments.time = TimePoint{std::chrono::seconds{std::stoll(words[2])}};
  arguments.covered = ReadCovered(words[3], std::stoul(words[4]));
  arguments.by_service = words[5] == "service";
  arguments.repetitions = std::stoi(words[6]);
  return arguments;
}

}  // namespace
}  // namespace evenkeel

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> words(argv + 1, argv + argc);
    const bool rules = words == std::vector<std::string>{"rules"};
    std::cout << (rules ? evenkeel::Rules() : evenkeel::MeasureAll(evenkeel::Read(words))) << "\n";
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "signals_bench: " << error.what() << "\n";
    return 1;
  }
}
