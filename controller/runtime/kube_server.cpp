#include "controller/runtime/kube_server.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "controller/core/server_config.hpp"
#include "controller/kubernetes/kubeconfig.hpp"
#include "controller/runtime/yaml.hpp"
#include "policies/result.hpp"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets any
  return value != nullptr ? value : "";
}

Result<std::string> ReadText(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  const int reason = errno;
  std::error_code ignored;
  if (!file || fs::is_directory(path, ignored)) {
    return Invalid(file ? "is a directory" : std::generic_category().message(reason));
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Result<KubeServer> ParseConfig(const fs::path& path, std::string_view context) {
  Result<std::string> text = ReadText(path);
  if (!text) return text.error();
  Result<std::vector<nlohmann::json>> documents = YamlToJson(*text);
  if (!documents) return documents.error();
  if (documents->size() != 1) return Invalid("must be one YAML document");
  std::error_code ignored;
  const fs::path directory = fs::absolute(path, ignored).parent_path();
  Result<KubernetesAccess> access =
      ParseKubeconfig(documents->front(), directory.string(), context);
  if (!access) return access.error();
  return KubeServer{std::move(access->server), std::move(access->namespace_name), {}};
}

Result<KubeServer> FromKubeconfig(const fs::path& path, std::string_view context) {
  const std::string origin = "kubeconfig '" + path.string() + "'";
  Result<KubeServer> server = ParseConfig(path, context);
  if (!server) return Invalid(origin + ": " + server.error().message);
  server->origin = origin;
  return server;
}

Result<KubeServer> FromServiceAccount(const std::string& directory, std::string host,
                                      const std::string& port) {
  // The transport takes no IPv6 address; this name is in every API server's certificate.
  if (host.find(':') != std::string::npos) host = "kubernetes.default.svc";
  Result<ServerConfig> config = InClusterConfig(directory, host, port);
  if (!config) return config.error();
  const Result<std::string> name = ReadText(fs::path(directory) / "namespace");
  return KubeServer{*std::move(config), name ? *name : "default",
                    "service account '" + directory + "'"};
}

// $KUBECONFIG is a list, as PATH is.
std::vector<std::string> Candidates() {
  std::vector<std::string> paths;
  std::istringstream list(Environment("KUBECONFIG"));
  for (std::string path; std::getline(list, path, ':');) {
    if (!path.empty()) paths.push_back(path);
  }
  const std::string home = Environment("HOME");
  if (paths.empty() && !home.empty()) paths.push_back(home + "/.kube/config");
  return paths;
}

std::string Tried(const std::string& context, const std::string& service_account_dir,
                  const std::vector<std::string>& paths) {
  std::string tried = "no Kubernetes API server is known; tried: ";
  tried += context.empty()
               ? "the service account in '" + service_account_dir +
                     "' (needs KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT and a token)"
               : "no service account (a context is given)";
  for (const std::string& path : paths) tried += ", '" + path + "' (does not exist)";
  return tried + "; name one with --kubeconfig";
}

}  // namespace

Result<KubeServer> FindKubeServer(const std::string& kubeconfig, const std::string& context,
                                  const std::string& service_account_dir) {
  if (!kubeconfig.empty()) return FromKubeconfig(kubeconfig, context);
  std::error_code ignored;
  const std::string host = Environment("KUBERNETES_SERVICE_HOST");
  const std::string port = Environment("KUBERNETES_SERVICE_PORT");
  if (context.empty() && !host.empty() && !port.empty() &&
      fs::exists(fs::path(service_account_dir) / "token", ignored)) {
    return FromServiceAccount(service_account_dir, host, port);
  }
  const std::vector<std::string> paths = Candidates();
  for (const std::string& path : paths) {
    if (fs::exists(path, ignored)) return FromKubeconfig(path, context);
  }
  return Invalid(Tried(context, service_account_dir, paths));
}

}  // namespace evenkeel
