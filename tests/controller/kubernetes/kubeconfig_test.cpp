#include "controller/kubernetes/kubeconfig.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;

// Two contexts: dev (current, client certificate) and prod (token).
json Config() {
  return json::parse(R"({
    "apiVersion": "v1", "kind": "Config", "current-context": "dev", "preferences": {},
    "contexts": [
      {"name": "dev", "context": {"cluster": "local", "user": "admin", "namespace": "shop"}},
      {"name": "prod", "context": {"cluster": "far", "user": "robot"}}],
    "clusters": [
      {"name": "local", "cluster": {"server": "https://127.0.0.1:6443",
        "certificate-authority": "pki/ca.crt"}},
      {"name": "far", "cluster": {"server": "https://k8s.example/prefix",
        "certificate-authority-data": "UEVN", "certificate-authority": "/ignored",
        "tls-server-name": "kubernetes", "insecure-skip-tls-verify": false}}],
    "users": [
      {"name": "admin", "user": {"client-certificate": "admin.crt",
        "client-key": "/abs/admin.key"}},
      {"name": "robot", "user": {"token": "secret"}}]})");
}

json WithUser(const json& user) {
  json config = Config();
  config["users"][0]["user"] = user;
  return config;
}

KubernetesAccess Access(const json& config, std::string_view context = {}) {
  const auto access = ParseKubeconfig(config, "/home/me/.kube", context);
  if (!access) FAIL(access.error().message);
  return *access;
}

std::string Fault(const json& config, std::string_view context = {}) {
  const auto access = ParseKubeconfig(config, "/home/me/.kube", context);
  REQUIRE_FALSE(access);
  CHECK(access.error().kind == ErrorKind::kInvalid);
  return access.error().message;
}

TEST_CASE("the current context is used, and paths are relative to the kubeconfig") {
  const KubernetesAccess access = Access(Config());
  CHECK(access.namespace_name == "shop");
  CHECK(access.server == ServerConfig{.base_url = "https://127.0.0.1:6443",
                                      .ca_file = "/home/me/.kube/pki/ca.crt",
                                      .client_certificate_file = "/home/me/.kube/admin.crt",
                                      .client_key_file = "/abs/admin.key"});
}

TEST_CASE("a named context wins, and data wins over files") {
  const KubernetesAccess access = Access(Config(), "prod");
  CHECK(access.namespace_name == "default");
  CHECK(access.server == ServerConfig{.base_url = "https://k8s.example/prefix",
                                      .bearer_token = "secret",
                                      .ca_pem = "PEM",
                                      .tls_server_name = "kubernetes"});
}

TEST_CASE("every supported way to log in is read") {
  CHECK(Access(WithUser({{"tokenFile", "token"}})).server.bearer_token_file ==
        "/home/me/.kube/token");
  const ServerConfig basic = Access(WithUser({{"username", "u"}, {"password", "p"}})).server;
  CHECK(basic.username == "u");
  CHECK(basic.password == "p");
  const ServerConfig data =
      Access(WithUser({{"client-certificate-data", "Q0VSVA=="}, {"client-key-data", "S0VZ"}}))
          .server;
  CHECK(data.client_certificate_pem == "CERT");
  CHECK(data.client_key_pem == "KEY");
}

TEST_CASE("insecure-skip-tls-verify is read") {
  json config = Config();
  config["clusters"][0]["cluster"]["insecure-skip-tls-verify"] = true;
  CHECK(Access(config).server.insecure_skip_tls_verify);
}

TEST_CASE("programs are not run for credentials, and the error says what is supported") {
  CHECK(Fault(WithUser({{"exec", {{"command", "aws"}}}})) ==
        "kubeconfig: users[name=admin].user.exec: is not supported, since it runs a program; use "
        "token, tokenFile, client-certificate and client-key, or username and password");
  CHECK_THAT(Fault(WithUser({{"auth-provider", {{"name", "gcp"}}}})),
             Catch::Contains("users[name=admin].user.auth-provider: is not supported"));
}

TEST_CASE("what is missing or wrong is named by its entry and field") {
  CHECK(Fault(json::array()) == "kubeconfig: must be an object");
  CHECK(Fault(Config(), "staging") == "kubeconfig: contexts[name=staging]: there is no such entry");

  json config = Config();
  config.erase("current-context");
  CHECK(Fault(config) == "kubeconfig: current-context: is not set, and no context was named");

  config = Config();
  config["contexts"][0]["context"].erase("user");
  CHECK(Fault(config) == "kubeconfig: contexts[name=dev].context.user: is missing");

  config = Config();
  config["clusters"][0]["name"] = "other";
  CHECK(Fault(config) == "kubeconfig: clusters[name=local]: there is no such entry");

  config = Config();
  config["clusters"][0]["cluster"].erase("server");
  CHECK(Fault(config) == "kubeconfig: clusters[name=local].cluster.server: is missing");

  config = Config();
  config["clusters"][0]["cluster"]["insecure-skip-tls-verify"] = "yes";
  CHECK(Fault(config) ==
        "kubeconfig: clusters[name=local].cluster.insecure-skip-tls-verify: must be true or false");

  config = Config();
  config["users"][0]["user"] = "admin";
  CHECK(Fault(config) == "kubeconfig: users[name=admin]: must have an object \"user\"");
  CHECK(Fault(WithUser({{"token", 5}})) ==
        "kubeconfig: users[name=admin].user.token: must be a string");
  CHECK(Fault(WithUser({{"client-key", "k"}})) ==
        "kubeconfig: users[name=admin].user.client-certificate: is missing");
  CHECK(Fault(WithUser({{"client-certificate", "c"}})) ==
        "kubeconfig: users[name=admin].user.client-key: is missing");
  CHECK(Fault(WithUser({{"client-key-data", "!"}})) ==
        "kubeconfig: users[name=admin].user.client-key-data: is not base64");
}

TEST_CASE("a pod finds the API server by its environment and its mounted files") {
  const auto config = InClusterConfig("/run/sa", "10.0.0.1", "443");
  REQUIRE(config);
  CHECK(*config == ServerConfig{.base_url = "https://10.0.0.1:443",
                                .bearer_token_file = "/run/sa/token",
                                .ca_file = "/run/sa/ca.crt"});
  CHECK(InClusterConfig("/run/sa", "fd00::1", "443")->base_url == "https://[fd00::1]:443");
  CHECK(InClusterConfig("/run/sa", "[fd00::1]", "443")->base_url == "https://[fd00::1]:443");
}

TEST_CASE("outside of a pod there is no such access") {
  const auto config = InClusterConfig("/run/sa", "", "443");
  REQUIRE_FALSE(config);
  CHECK(config.error().kind == ErrorKind::kInvalid);
  CHECK_FALSE(InClusterConfig("/run/sa", "10.0.0.1", ""));
}

TEST_CASE("base64 is decoded as RFC 4648 has it") {
  // The test vectors of § 10.
  CHECK(*DecodeBase64("") == "");
  CHECK(*DecodeBase64("Zg==") == "f");
  CHECK(*DecodeBase64("Zm8=") == "fo");
  CHECK(*DecodeBase64("Zm9v") == "foo");
  CHECK(*DecodeBase64("Zm9vYg==") == "foob");
  CHECK(*DecodeBase64("Zm9vYmE=") == "fooba");
  CHECK(*DecodeBase64("Zm9v\nYmFy\r\n") == "foobar");
  CHECK(*DecodeBase64("AP+/") == std::string("\x00\xff\xbf", 3));
}

TEST_CASE("what is not base64 is refused") {
  for (const char* text : {"Zg", "Zg=", "Z===", "====", "=", "Zh==", "Zm9=", "Zm9v!",
                           "Zg==Zg==", "Z-9_", "\xc3\xbc\xc3\xbc"}) {
    INFO(text);
    CHECK_FALSE(DecodeBase64(text));
  }
}

}  // namespace
}  // namespace evenkeel
