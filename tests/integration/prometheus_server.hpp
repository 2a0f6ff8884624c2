// A real Prometheus of the test's own on 127.0.0.1, and an exporter that says what the test wants.
//
// The binary is $PROMETHEUS_BINARY, else `prometheus` on the PATH, else the one that the local
// cluster keeps in its cache. Without it the test fails; it is not skipped.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "controller/runtime/http_transport.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/support/temp_dir.hpp"

namespace evenkeel::test {

inline std::string Environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? std::string{} : std::string(value);
}

inline std::string PrometheusBinary() {
  std::vector<std::filesystem::path> places = {Environment("PROMETHEUS_BINARY")};
  for (std::string rest = Environment("PATH") + ":"; !rest.empty();) {
    const std::size_t end = rest.find(':');
    places.push_back(std::filesystem::path(rest.substr(0, end)) / "prometheus");
    rest.erase(0, end + 1);
  }
  const std::string cache = Environment("XDG_CACHE_HOME");
  places.push_back((cache.empty() ? std::filesystem::path(Environment("HOME")) / ".cache"
                                  : std::filesystem::path(cache)) /
                   "evenkeel/debian-prometheus/usr/bin/prometheus");
  for (const auto& place : places) {
    if (!place.empty() && ::access(place.c_str(), X_OK) == 0) return place.string();
  }
  FAIL(
      "no prometheus found: set PROMETHEUS_BINARY, install Debian's package prometheus, or run "
      "tests/cluster/up once");
  return {};
}

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

// Metrics pages by path. A page is made anew at each scrape, so that counters can grow with time.
class Exporter {
 public:
  using Page = std::function<std::string(std::chrono::duration<double> since_start)>;

  explicit Exporter(std::map<std::string, Page> pages)
      : pages_(std::move(pages)), server_([this](Connection& connection) { Serve(connection); }) {}

  [[nodiscard]] std::string address() const {
    return "127.0.0.1:" + std::to_string(server_.port());
  }
  [[nodiscard]] std::vector<std::string> paths() const {
    std::vector<std::string> paths;
    for (const auto& [path, page] : pages_) paths.push_back(path);
    return paths;
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

// Scrapes every second. A page at "/<namespace>/<pod>" is the pod of that name.
class PrometheusServer {
 public:
  explicit PrometheusServer(const Exporter& exporter)
      : binary_(PrometheusBinary()), port_(FreePort()) {
    std::string config = "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n";
    for (const std::string& path : exporter.paths()) {
      const std::size_t slash = path.find('/', 1);
      config += "- job_name: " + path + "\n  metrics_path: " + path +
                "\n  static_configs: [{targets: [\"" + exporter.address() +
                "\"], labels: {namespace: " + path.substr(1, slash - 1) +
                ", pod: " + path.substr(slash + 1) + "}}]\n";
    }
    dir_.Write("prometheus.yml", config);
    Start();
  }
  ~PrometheusServer() { Kill(); }
  PrometheusServer(const PrometheusServer&) = delete;
  PrometheusServer& operator=(const PrometheusServer&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  void Pause() const { ::kill(pid_, SIGSTOP); }
  void Resume() const { ::kill(pid_, SIGCONT); }
  void RestartEmpty() {
    Kill();
    ++generation_;
    Start();
  }

 private:
  void Start() {
    std::vector<std::string> args = {
        binary_, "--config.file=" + (dir_.path() / "prometheus.yml").string(),
        "--storage.tsdb.path=" + (dir_.path() / ("data" + std::to_string(generation_))).string(),
        "--web.listen-address=127.0.0.1:" + std::to_string(port_), "--log.level=error"};
    std::vector<char*> argv;
    for (std::string& arg : args) argv.push_back(arg.data());
    argv.push_back(nullptr);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // also ends when the test is killed
      if (::getppid() == parent) ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    AwaitReady();
  }

  void AwaitReady() const {
    const auto transport = MakeHttpTransport({.base_url = url()});
    if (!transport) FAIL(transport.error().message);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(40);
    while (std::chrono::steady_clock::now() < deadline) {
      const auto response = (*transport)->Send({.target = "/-/ready"}, {});
      if (response && response->status == 200) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    FAIL(binary_ + " is not ready in time");
  }

  void Kill() const {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  TempDir dir_;
  const std::string binary_;
  const int port_;
  int generation_ = 0;
  pid_t pid_ = -1;
};

}  // namespace evenkeel::test
