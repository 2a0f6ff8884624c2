// Finds the API server that the controller belongs to.
#pragma once

#include <string>

#include "controller/core/server_config.hpp"
#include "policies/result.hpp"

namespace evenkeel {

struct KubeServer {
  ServerConfig server;
  std::string namespace_name;  // the pod's own, or the context's
  std::string origin;          // where it was found, for people: "kubeconfig '/root/.kube/config'"
};

inline constexpr const char* kServiceAccountDir = "/var/run/secrets/kubernetes.io/serviceaccount";

// The first of: `kubeconfig` (a file; empty: not named); the pod's service account, if
// KUBERNETES_SERVICE_HOST and _PORT are set and `service_account_dir` has a token; the first file
// of $KUBECONFIG that exists (files are not merged); ~/.kube/config. `context` (empty: the
// kubeconfig's current-context) asks for a kubeconfig, so that the service account is passed over.
// What is found but cannot be used is an error, not passed over. kInvalid says what was tried.
[[nodiscard]] Result<KubeServer> FindKubeServer(
    const std::string& kubeconfig = {}, const std::string& context = {},
    const std::string& service_account_dir = kServiceAccountDir);

}  // namespace evenkeel
