// `evenkeel check`: validates ScalingPolicies offline, as the API server and the controller would,
// and warns of traps; with a source of signals, also shows what each signal is now, by which query,
// and the traps that only the source shows.
//
//   policies/checkout.yaml: shop/checkout: OK
//   policies/checkout.yaml: shop/checkout: error: spec.maxReplicas: Required value
//   policies/checkout.yaml: shop/checkout: warning: spec.maxReplicas: equals minReplicas: ...
//   policies/checkout.yaml: Deployment checkout: skipped, not a ScalingPolicy
//   policies/checkout.yaml: shop/checkout: latencyP99 is 212ms/250ms, 4s old
//   policies/checkout.yaml: shop/checkout:   by histogram_quantile(0.99, sum by (namespace, ...
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "controller/runtime/options.hpp"

namespace evenkeel {

// Exit status: 0 if every policy is valid (warnings or not), 1 if one is not, 2 if something could
// not be read or no policy was found.
//
// A file may hold several YAML or JSON documents, also a List. "-" is standard input; of a
// directory every *.yaml, *.yml and *.json is read, not its subdirectories. Findings go to `out`,
// what could not be read to `err`. `sources` names them by config_file or prometheus_url and its
// companions; without either nothing is asked.
[[nodiscard]] int RunCheck(const std::vector<std::string>& files, const RunOptions& sources,
                           std::ostream& out, std::ostream& err);

}  // namespace evenkeel
