// What cpprest's exceptions mean.
#pragma once

#include <exception>
#include <string>

#include "controller/runtime/http_transport_tls.hpp"
#include "policies/result.hpp"

namespace evenkeel {

struct TransportFailure {
  Error error;
  bool stale_connection = false;  // the request could not be written
};

// `label` begins the message; `tls` (may be null) knows why a certificate was refused.
[[nodiscard]] TransportFailure DescribeFailure(const std::exception_ptr& failure,
                                               const std::string& label, const TlsSettings* tls);

}  // namespace evenkeel
