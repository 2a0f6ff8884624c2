// ServerConfig: how to reach a server and whom to trust, as a value.
//
// Made from a kubeconfig or the pod's service account (controller/kubernetes/kubeconfig.hpp), from
// options or from the controller's configuration (controller_config.hpp); used by the transport
// (controller/runtime/http_transport.hpp), which reads the files, and reads them again when they
// change: rotated tokens, passwords, secret headers, certificates and CAs take effect without a
// restart.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "controller/core/http.hpp"

namespace evenkeel {

struct ServerConfig {
  std::string base_url;                            // "https://10.0.0.1:6443", a path prefix allowed
  std::optional<std::string> bearer_token{};       // a fixed token
  std::optional<std::string> bearer_token_file{};  // wins over the fixed one
  std::optional<std::string> ca_pem{};             // trust only these; the system's store if absent
  std::optional<std::string> ca_file{};
  std::optional<std::string> client_certificate_pem{};
  std::optional<std::string> client_key_pem{};
  std::optional<std::string> client_certificate_file{};
  std::optional<std::string> client_key_file{};
  std::optional<std::string> username{};  // basic authentication
  std::optional<std::string> password{};
  std::optional<std::string> password_file{};  // wins over the fixed one
  Headers headers{};                           // added to each request
  Headers header_files{};                      // name → file with the value
  // Added to the URL of each request, where proxies in front of the server see them too.
  std::map<std::string, std::string> query_parameters{};
  // Expected in the certificate, if not the URL's host.
  std::optional<std::string> tls_server_name{};
  bool insecure_skip_tls_verify = false;
  std::string user_agent = "evenkeel";

  bool operator==(const ServerConfig&) const = default;
};

}  // namespace evenkeel
