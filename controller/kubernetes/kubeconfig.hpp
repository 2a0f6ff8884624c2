// Where the API server is and how to log in to it: from a kubeconfig or from inside a pod.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "controller/core/server_config.hpp"
#include "policies/result.hpp"

namespace evenkeel {

struct KubernetesAccess {
  ServerConfig server;
  std::string namespace_name = "default";  // of the context
};

// `config` is a kubeconfig as JSON (kubectl's files are YAML: converted elsewhere). `context`
// empty: its current-context. Relative paths are relative to `directory`, the kubeconfig's own.
// Supported: token, tokenFile, client certificate and key (file or data), username and password, CA
// (file or data), insecure-skip-tls-verify, tls-server-name. Data wins over files, tokenFile over
// token, as in kubectl. kInvalid names the entry and field at fault; `exec` and `auth-provider` are
// refused, since they run programs.
[[nodiscard]] Result<KubernetesAccess> ParseKubeconfig(const nlohmann::json& config,
                                                       std::string_view directory,
                                                       std::string_view context);

// The pod's own access: `directory` holds token and ca.crt (in a pod
// /var/run/secrets/kubernetes.io/serviceaccount); host and port are KUBERNETES_SERVICE_HOST and
// _PORT. kInvalid if they are missing: not in a pod.
[[nodiscard]] Result<ServerConfig> InClusterConfig(std::string_view directory,
                                                   std::string_view host, std::string_view port);

// RFC 4648 § 4 with padding, strict but for white space, which is skipped.
[[nodiscard]] Result<std::string> DecodeBase64(std::string_view text);

}  // namespace evenkeel
