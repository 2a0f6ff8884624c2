// Sources of metrics against a real Prometheus that guards itself: TLS by an authority of our own,
// basic authentication, client certificates, and a path prefix.
#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "controller/runtime/built_in_presets.hpp"
#include "controller/runtime/configuration.hpp"
#include "tests/integration/prometheus_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/certificates.hpp"

namespace evenkeel::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

const std::string kFirst = "first-secret";
const std::string kSecond = "second-secret";
// bcrypt with cost 5.
const std::string kFirstHash = "$2b$05$abcdefghijklmnopqrstuuWOuIlwxwXA7CD/TVO.WyHsObm7EdKey";
const std::string kSecondHash = "$2b$05$abcdefghijklmnopqrstuuELlrEBnmoKfj0LsGxLJR574qawWNuKy";

// Scrapes nothing; reads its web configuration again for each request.
class GuardedPrometheus {
 public:
  // `admitted` is a client that it lets in, once `web` is in force.
  GuardedPrometheus(const std::filesystem::path& dir, const std::string& web, ServerConfig admitted)
      : port_(FreePort()) {
    admitted.base_url = url();
    const auto at = [&](const std::string& name) { return (dir / name).string(); };
    Start({DebianPrometheus(), "--config.file=" + at("prometheus.yml"),
           "--storage.tsdb.path=" + at("data"), "--web.config.file=" + web,
           "--web.listen-address=127.0.0.1:" + std::to_string(port_),
           "--web.external-url=https://127.0.0.1/guarded", "--web.route-prefix=/guarded",
           "--log.level=error"});
    AwaitReady(admitted);
  }
  ~GuardedPrometheus() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  GuardedPrometheus(const GuardedPrometheus&) = delete;
  GuardedPrometheus& operator=(const GuardedPrometheus&) = delete;

  [[nodiscard]] std::string url() const {
    return "https://127.0.0.1:" + std::to_string(port_) + "/guarded";
  }

 private:
  void Start(std::vector<std::string> args) {
    std::vector<char*> argv;
    for (std::string& arg : args) argv.push_back(arg.data());
    argv.push_back(nullptr);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // also ends when the test is killed
    if (::getppid() == parent) ::execv(argv[0], argv.data());
    ::_exit(127);
  }

  static void AwaitReady(const ServerConfig& admitted) {
    const auto transport = MakeHttpTransport(admitted);
    if (!transport) FAIL(transport.error().message);
    const auto deadline = std::chrono::steady_clock::now() + 40s;
    while (std::chrono::steady_clock::now() < deadline) {
      const auto response = (*transport)->Send({.target = "/-/ready"}, {});
      if (response && response->status == 200) return;
      std::this_thread::sleep_for(50ms);
    }
    FAIL("Prometheus is not ready in time");
  }

  int port_;
  pid_t pid_ = -1;
};

// What lies in files around a Prometheus that shows a certificate by `authority`.
struct Files {
  Files() {
    const Identity server = authority.Issue();
    dir.Write("prometheus.yml", "{}");
    dir.Write("server.crt", server.certificate);
    dir.Write("server.key", server.key);
    dir.Write("ca.crt", authority.certificate());
    dir.Write("other-ca.crt", Authority().certificate());
  }

  [[nodiscard]] std::string Path(const std::string& name) const {
    return (dir.path() / name).string();
  }
  // Prometheus' web configuration, as JSON, which is YAML.
  [[nodiscard]] std::string Web(const json& more) const {
    json web = {{"tls_server_config", {{"cert_file", "server.crt"}, {"key_file", "server.key"}}}};
    web.merge_patch(more);
    return dir.Write("web.yml", web.dump());
  }

  Authority authority;
  TempDir dir;
};

// One source with these settings, read from a file as the controller does it.
std::unique_ptr<Configuration> Open(const Files& files, const std::string& url,
                                    const json& settings) {
  json source = {{"name", "default"}, {"url", url}};
  source.update(settings);
  RunOptions options;
  options.config_file =
      files.dir.Write("config.yaml", json{{"sources", json::array({source})}}.dump());
  auto opened = Configuration::Open(options);
  if (!opened) FAIL(opened.error().message);
  return *std::move(opened);
}

// Asks vector(42): empty if that is what came, else the error.
std::string Ask(Configuration& configuration) {
  PolicyNeeds needs{{"shop", "checkout"}, {}, {}, {{"requestRate", 0s}}, {}};
  needs.metrics.queries = {{"requestRate", "vector(42)"}};
  const Plan plan = BuildPlan(std::vector{needs}, TimePoint(1'800'000'000s), {BuiltInPresets()});
  const auto result = configuration.fetcher().Fetch(plan, 10s, {}).answers.at(0).result;
  if (!result) return result.error().message;
  return result->series.at(0).samples.at(0).value == 42 ? "" : "another value";
}

json Basic(const Files& files) {
  return {{"basicAuth", {{"username", "evenkeel"}, {"passwordFile", files.Path("password")}}},
          {"tls", {{"caFile", files.Path("ca.crt")}}}};
}

}  // namespace

TEST_CASE("source: TLS, basic authentication and a path prefix, and a password that rotates") {
  const Files files;
  const std::string web = files.Web({{"basic_auth_users", {{"evenkeel", kFirstHash}}}});
  ServerConfig admitted;
  admitted.ca_file = files.Path("ca.crt");
  admitted.username = "evenkeel";
  admitted.password = kFirst;
  const GuardedPrometheus prometheus(files.dir.path(), web, admitted);

  files.dir.Write("password", kFirst + "\n");
  const auto configuration = Open(files, prometheus.url(), Basic(files));
  CHECK(Ask(*configuration).empty());

  (void)files.Web({{"basic_auth_users", {{"evenkeel", kSecondHash}}}});
  const std::string refused = Ask(*configuration);
  CHECK_THAT(refused, Contains("source \"default\": ") && Contains("401") && !Contains(kFirst));

  files.dir.Write("password", kSecond);
  CHECK(Ask(*configuration).empty());
}

TEST_CASE("source: a wrong authority, a wrong prefix and no credentials are told apart") {
  const Files files;
  const std::string web = files.Web({{"basic_auth_users", {{"evenkeel", kFirstHash}}}});
  ServerConfig admitted;
  admitted.ca_file = files.Path("ca.crt");
  admitted.username = "evenkeel";
  admitted.password = kFirst;
  const GuardedPrometheus prometheus(files.dir.path(), web, admitted);
  files.dir.Write("password", kFirst);

  json settings = Basic(files);
  settings["tls"]["caFile"] = files.Path("other-ca.crt");
  const std::string distrusted = Ask(*Open(files, prometheus.url(), settings));
  CHECK_THAT(distrusted, Contains("certificate") && !Contains(kFirst));

  settings["tls"] = {{"insecureSkipVerify", true}};
  CHECK(Ask(*Open(files, prometheus.url(), settings)).empty());

  settings["tls"] = {{"caFile", files.Path("ca.crt")}, {"serverName", "prometheus.test"}};
  CHECK_THAT(Ask(*Open(files, prometheus.url(), settings)), Contains("prometheus.test"));

  CHECK_THAT(Ask(*Open(files, prometheus.url() + "/not", Basic(files))), Contains("prefix"));

  CHECK_THAT(Ask(*Open(files, prometheus.url(), {{"tls", {{"caFile", files.Path("ca.crt")}}}})),
             Contains("401"));
}

TEST_CASE("source: a Prometheus that demands a client certificate") {
  const Files files;
  const Identity client = files.authority.Issue({.names = "", .common_name = "evenkeel"});
  files.dir.Write("client.crt", client.certificate);
  files.dir.Write("client.key", client.key);
  const std::string web = files.Web(
      {{"tls_server_config",
        {{"client_auth_type", "RequireAndVerifyClientCert"}, {"client_ca_file", "ca.crt"}}}});
  ServerConfig admitted;
  admitted.ca_file = files.Path("ca.crt");
  admitted.client_certificate_file = files.Path("client.crt");
  admitted.client_key_file = files.Path("client.key");
  const GuardedPrometheus prometheus(files.dir.path(), web, admitted);

  json settings = {{"tls",
                    {{"caFile", files.Path("ca.crt")},
                     {"certFile", files.Path("client.crt")},
                     {"keyFile", files.Path("client.key")}}}};
  CHECK(Ask(*Open(files, prometheus.url(), settings)).empty());

  settings["tls"] = {{"caFile", files.Path("ca.crt")}};
  CHECK_THAT(Ask(*Open(files, prometheus.url(), settings)), Contains("certificate"));
}

}  // namespace evenkeel::test
