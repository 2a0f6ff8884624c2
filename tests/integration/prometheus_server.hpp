// A real Prometheus (of either generation) or VictoriaMetrics of the test's own on 127.0.0.1, and
// an exporter that says what the test wants.
//
// Prometheus 2 is $PROMETHEUS_BINARY, else `prometheus` on the PATH, else the one that the local
// cluster keeps in its cache; the others are $EVENKEEL_PROMETHEUS3 and $EVENKEEL_VICTORIAMETRICS,
// else what `tests/cluster/localcluster program` has built. Without its program a test fails; it is
// not skipped.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "controller/runtime/http_transport.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/support/source_dir.hpp"
#include "tests/support/temp_dir.hpp"

namespace evenkeel::test {

inline std::string Environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? std::string{} : std::string(value);
}

// Where programs for the tests are kept across runs.
inline std::filesystem::path ProgramCache() {
  const std::string cache = Environment("XDG_CACHE_HOME");
  return (cache.empty() ? std::filesystem::path(Environment("HOME")) / ".cache"
                        : std::filesystem::path(cache)) /
         "evenkeel";
}

inline std::string FirstExecutable(const std::vector<std::filesystem::path>& places,
                                   const std::string& advice) {
  for (const auto& place : places) {
    if (!place.empty() && ::access(place.c_str(), X_OK) == 0) return place.string();
  }
  FAIL(advice);
  return {};
}

inline std::string DebianPrometheus() {
  std::vector<std::filesystem::path> places = {Environment("PROMETHEUS_BINARY")};
  for (std::string rest = Environment("PATH") + ":"; !rest.empty();) {
    const std::size_t end = rest.find(':');
    places.push_back(std::filesystem::path(rest.substr(0, end)) / "prometheus");
    rest.erase(0, end + 1);
  }
  places.push_back(ProgramCache() / "debian-prometheus/usr/bin/prometheus");
  return FirstExecutable(places,
                         "no prometheus found: set PROMETHEUS_BINARY, install Debian's package "
                         "prometheus, or run tests/cluster/up once");
}

// The program of tests/servers/<name>, in the version that the go.mod there names.
inline std::string ModuleProgram(const std::string& name, const std::string& module,
                                 const std::string& program, const char* variable) {
  std::ifstream file(std::filesystem::path(SourceDir()) / "tests/servers" / name / "go.mod");
  std::string version;
  for (std::string word; file >> word;) {
    if (word == module) file >> version;
  }
  return FirstExecutable({Environment(variable), ProgramCache() / (name + "-" + version) / program},
                         "no " + program + " found: set " + variable +
                             ", or run tests/cluster/localcluster program " + name + " once");
}

struct ServerPlace {
  std::string config;
  std::string data;
  std::string address;
};

struct ServerKind {
  std::string binary;
  std::vector<std::string> (*flags)(const ServerPlace&);
  std::string ready;  // path that answers 200
};

inline std::vector<std::string> PrometheusFlags(const ServerPlace& place) {
  return {"--config.file=" + place.config, "--storage.tsdb.path=" + place.data,
          "--web.listen-address=" + place.address, "--log.level=error"};
}

// The oldest generation in use: what Debian 12 packages.
struct Prometheus2 {
  static ServerKind Kind() { return {DebianPrometheus(), PrometheusFlags, "/-/ready"}; }
};

struct Prometheus3 {
  static ServerKind Kind() {
    return {ModuleProgram("prometheus", "github.com/prometheus/prometheus", "prometheus",
                          "EVENKEEL_PROMETHEUS3"),
            [](const ServerPlace& place) {
              auto flags = PrometheusFlags(place);
              flags.emplace_back("--web.enable-otlp-receiver");
              return flags;
            },
            "/-/ready"};
  }
};

struct VictoriaMetrics {
  static ServerKind Kind() {
    return {ModuleProgram("victoriametrics", "github.com/VictoriaMetrics/VictoriaMetrics",
                          "victoria-metrics", "EVENKEEL_VICTORIAMETRICS"),
            [](const ServerPlace& place) {
              return std::vector<std::string>{
                  "-promscrape.config=" + place.config, "-storageDataPath=" + place.data,
                  "-httpListenAddr=" + place.address, "-loggerLevel=ERROR"};
            },
            "/health"};
  }
};

inline int FreePort() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound =
      ::bind(socket, generic, size) == 0 && ::getsockname(socket, generic, &size) == 0;
  ::close(socket);
  if (!bound) FAIL("no free port");
  return ntohs(address.sin_port);
}

// What a scrape asks, and the labels that service discovery would give its series.
struct Target {
  std::string address;
  std::string path = "/metrics";
  std::map<std::string, std::string> labels{};
  bool honor_labels = false;  // the page's own labels win, instead of becoming exported_…
};

// Metrics pages by path. A page is made anew at each scrape, so that counters can grow with time.
class Exporter {
 public:
  using Page = std::function<std::string(std::chrono::duration<double> since_start)>;

  explicit Exporter(std::map<std::string, Page> pages)
      : pages_(std::move(pages)), server_([this](Connection& connection) { Serve(connection); }) {}

  [[nodiscard]] std::string address() const {
    return "127.0.0.1:" + std::to_string(server_.port());
  }
  // A page at "/<namespace>/<pod>" is the pod of that name.
  [[nodiscard]] std::vector<Target> targets() const {
    std::vector<Target> targets;
    for (const auto& [path, page] : pages_) {
      const std::size_t slash = path.find('/', 1);
      targets.push_back(
          {address(),
           path,
           {{"namespace", path.substr(1, slash - 1)}, {"pod", path.substr(slash + 1)}}});
    }
    return targets;
  }

 private:
  void Serve(Connection& connection) const {
    for (std::string request = connection.ReadRequest(); !request.empty();
         request = connection.ReadRequest()) {
      const std::size_t begin = request.find(' ') + 1;
      const auto page = pages_.find(request.substr(begin, request.find(' ', begin) - begin));
      const auto since = std::chrono::steady_clock::now() - start_;
      if (!connection.Write(page == pages_.end() ? Answer(404, "")
                                                 : Answer(200, page->second(since),
                                                          "Content-Type: text/plain\r\n"))) {
        return;
      }
    }
  }

  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  const std::map<std::string, Page> pages_;
  RawServer server_;  // last: ends before what it serves from
};

// Scrapes every second.
class PrometheusServer {
 public:
  // `settings`: further YAML of its configuration.
  PrometheusServer(ServerKind kind, const std::vector<Target>& targets,
                   const std::string& settings = "")
      : kind_(std::move(kind)), address_("127.0.0.1:" + std::to_string(FreePort())) {
    std::ostringstream config;
    config << "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
           << settings << "scrape_configs:\n";
    for (const Target& target : targets) {
      config << "- job_name: \"" << target.address << target.path << "\"\n  metrics_path: \""
             << target.path << "\"\n  honor_labels: " << std::boolalpha << target.honor_labels
             << "\n  static_configs:\n  - targets: [\"" << target.address << "\"]\n    labels: {";
      for (const auto& [name, value] : target.labels) config << name << ": \"" << value << "\", ";
      config << "}\n";
    }
    dir_.Write("prometheus.yml", config.str());
    Start();
  }
  PrometheusServer(const PrometheusServer&) = delete;
  PrometheusServer& operator=(const PrometheusServer&) = delete;

  [[nodiscard]] std::string url() const { return "http://" + address_; }

  void Pause() const { REQUIRE(process_->Pause()); }
  void Resume() const { process_->Resume(); }
  void RestartEmpty() {
    process_.reset();
    ++lives_;
    Start();
  }

 private:
  void Start() {
    std::vector<std::string> command =
        kind_.flags({.config = (dir_.path() / "prometheus.yml").string(),
                     .data = (dir_.path() / ("data" + std::to_string(lives_))).string(),
                     .address = address_});
    command.insert(command.begin(), kind_.binary);
    process_.emplace(std::move(command));
    AwaitReady();
  }

  void AwaitReady() const {
    const auto transport = MakeHttpTransport({.base_url = url()});
    if (!transport) FAIL(transport.error().message);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(40);
    while (std::chrono::steady_clock::now() < deadline) {
      const auto response = (*transport)->Send({.target = kind_.ready}, {});
      if (response && response->status == 200) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    FAIL(kind_.binary + " is not ready in time");
  }

  TempDir dir_;
  const ServerKind kind_;
  const std::string address_;
  int lives_ = 0;
  std::optional<Child> process_;
};

}  // namespace evenkeel::test
