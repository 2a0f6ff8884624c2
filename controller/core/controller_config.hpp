// The controller's configuration (the file of --config) as a value:
//
//   sources:
//     - name: default                 # what metrics.source of a policy names; DNS-label-like
//       url: https://prometheus.monitoring.svc:9090/prefix      # required
//       bearerTokenFile: /etc/evenkeel/token                    # excludes basicAuth
//       basicAuth: {username: evenkeel, passwordFile: /etc/evenkeel/password}
//       tls: {caFile: , certFile: , keyFile: , serverName: , insecureSkipVerify: false}
//       headers: {X-Scope-OrgID: team-a}
//       headerFiles: {THANOS-TENANT: /etc/evenkeel/tenant}      # headers whose value is a secret
//       queryParameters: {dedup: "true"}                        # added to the URL of each query
//       rawQueries: false             # may policies send it PromQL of their own (metrics.queries)?
//   presets: []                       # read elsewhere
//
// It holds no credential: they stand in files, which are named by absolute path and read again when
// they change. Since a credential may still have been put where it does not belong, no fault shows
// a value that was given, but for names of sources and URLs without a user or a query.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "controller/core/scaling_policy.hpp"
#include "controller/core/server_config.hpp"

namespace evenkeel {

inline constexpr std::string_view kDefaultSource = "default";

// A Prometheus-compatible server that policies may take their signals from.
struct SourceConfig {
  std::string name{kDefaultSource};
  ServerConfig server{};
  bool raw_queries = false;  // may policies put PromQL of their own to it?

  bool operator==(const SourceConfig&) const = default;
};

struct ControllerConfig {
  std::vector<SourceConfig> sources{};  // by different names
  nlohmann::json presets{};             // as given; null if absent

  bool operator==(const ControllerConfig&) const = default;
};

// Parsed, or every fault found; never both and never neither.
using ParsedControllerConfig = std::variant<ControllerConfig, std::vector<FieldError>>;

// `document` is the file as JSON; null (an empty file) is a configuration without sources.
[[nodiscard]] ParsedControllerConfig ParseControllerConfig(const nlohmann::json& document);

}  // namespace evenkeel
