#include "controller/runtime/kube_server.hpp"

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "support/catch.hpp"
#include "tests/support/temp_dir.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using Catch::Matchers::Contains;

namespace {

std::string Kubeconfig(const std::string& server) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: main\n"
         "clusters: [{name: c, cluster: {server: '" +
         server +
         "'}}]\n"
         "users: [{name: u, user: {token: abc}}]\n"
         "contexts:\n"
         "- {name: main, context: {cluster: c, user: u, namespace: shop}}\n"
         "- {name: other, context: {cluster: c, user: u, namespace: elsewhere}}\n";
}

// The variables that are looked at, empty, and a home without a kubeconfig. (Each test case is a
// process of its own under ctest; the destructor serves those who run all in one.)
class World {
 public:
  World() {
    Set("KUBERNETES_SERVICE_HOST", "");
    Set("KUBERNETES_SERVICE_PORT", "");
    Set("KUBECONFIG", "");
    Set("HOME", home_.path().string());
  }
  static void Set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }
  // A pod: returns the service account's directory.
  [[nodiscard]] std::string EnterPod(const std::string& host) const {
    Set("KUBERNETES_SERVICE_HOST", host);
    Set("KUBERNETES_SERVICE_PORT", "443");
    pod_.Write("token", "t");
    pod_.Write("ca.crt", "c");
    pod_.Write("namespace", "evenkeel-system");
    return pod_.path().string();
  }
  [[nodiscard]] const TempDir& home() const { return home_; }

 private:
  TempDir home_;
  TempDir pod_;
};

}  // namespace

TEST_CASE("a kubeconfig that is named wins over all else") {
  const World world;
  const std::string pod = world.EnterPod("10.96.0.1");
  const std::string file = world.home().Write("named", Kubeconfig("https://named:6443"));
  const auto found = FindKubeServer(file, "", pod);
  REQUIRE(found);
  CHECK(found->server.base_url == "https://named:6443");
  CHECK(found->namespace_name == "shop");
  CHECK(found->origin == "kubeconfig '" + file + "'");
  CHECK(FindKubeServer(file, "other", pod)->namespace_name == "elsewhere");
}

TEST_CASE("inside a pod the service account is used") {
  const World world;
  const std::string pod = world.EnterPod("10.96.0.1");
  World::Set("KUBECONFIG", world.home().Write("kc", Kubeconfig("https://env:6443")));
  const auto found = FindKubeServer("", "", pod);
  REQUIRE(found);
  CHECK(found->server.base_url == "https://10.96.0.1:443");
  CHECK(found->server.bearer_token_file == pod + "/token");
  CHECK(found->server.ca_file == pod + "/ca.crt");
  CHECK(found->namespace_name == "evenkeel-system");
}

TEST_CASE("an IPv6 service address is replaced by the service's name") {
  const World world;
  const auto found = FindKubeServer("", "", world.EnterPod("fd00:10:96::1"));
  REQUIRE(found);
  CHECK(found->server.base_url == "https://kubernetes.default.svc:443");
}

TEST_CASE("a context passes the service account over") {
  const World world;
  const std::string pod = world.EnterPod("10.96.0.1");
  World::Set("KUBECONFIG", world.home().Write("kc", Kubeconfig("https://env:6443")));
  const auto found = FindKubeServer("", "other", pod);
  REQUIRE(found);
  CHECK(found->namespace_name == "elsewhere");
}

TEST_CASE("KUBECONFIG comes before the home directory, and its first file that exists is taken") {
  const World world;
  std::filesystem::create_directory(world.home().path() / ".kube");
  world.home().Write(".kube/config", Kubeconfig("https://home:6443"));
  CHECK(FindKubeServer("", "", "/nowhere")->server.base_url == "https://home:6443");
  World::Set("KUBECONFIG", "/nowhere/a:" + world.home().Write("b", Kubeconfig("https://env:6443")));
  CHECK(FindKubeServer("", "", "/nowhere")->server.base_url == "https://env:6443");
}

TEST_CASE("when nothing is found the error says what was tried") {
  const World world;
  const auto found = FindKubeServer("", "", "/nowhere");
  REQUIRE_FALSE(found);
  CHECK(found.error().kind == ErrorKind::kInvalid);
  CHECK_THAT(found.error().message, Contains("'/nowhere'") && Contains("KUBERNETES_SERVICE_HOST") &&
                                        Contains(world.home().path().string() + "/.kube/config") &&
                                        Contains("--kubeconfig"));
}

TEST_CASE("a kubeconfig that cannot be used is named with the reason") {
  const World world;
  const auto fault = [&](const std::string& file, const std::string& context = "") {
    const auto found = FindKubeServer(file, context, "/nowhere");
    REQUIRE_FALSE(found);
    CHECK_THAT(found.error().message, Contains("kubeconfig '" + file + "': "));
    return found.error().message;
  };
  const TempDir& home = world.home();
  CHECK_THAT(fault("/nowhere/kc"), Contains("No such file"));
  CHECK_THAT(fault(home.path().string()), Contains("directory"));
  CHECK_THAT(fault(home.Write("a", "a: [")), Contains("line "));
  CHECK_THAT(fault(home.Write("b", "")), Contains("one YAML document"));
  CHECK_THAT(fault(home.Write("c", Kubeconfig("https://h")), "third"), Contains("third"));
}
