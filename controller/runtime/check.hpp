// `evenkeel check`: validates ScalingPolicies offline, as the API server and the controller would,
// and warns of traps.
//
//   policies/checkout.yaml: shop/checkout: OK
//   policies/checkout.yaml: shop/checkout: error: spec.maxReplicas: Required value
//   policies/checkout.yaml: shop/checkout: warning: spec.maxReplicas: equals minReplicas: ...
//   policies/checkout.yaml: Deployment checkout: skipped, not a ScalingPolicy
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace evenkeel {

// Exit status: 0 if every policy is valid (warnings or not), 1 if one is not, 2 if something could
// not be read or no policy was found.
//
// A file may hold several YAML or JSON documents, also a List. "-" is standard input; of a
// directory every *.yaml, *.yml and *.json is read, not its subdirectories. Findings go to `out`,
// what could not be read to `err`.
[[nodiscard]] int RunCheck(const std::vector<std::string>& files, std::ostream& out,
                           std::ostream& err);

}  // namespace evenkeel
