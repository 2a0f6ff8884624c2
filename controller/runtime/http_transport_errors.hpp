// What cpprest's exceptions mean.
#pragma once

#include <string>

#include "controller/runtime/http_transport_tls.hpp"
#include "policies/result.hpp"

namespace evenkeel {

// An exception as a value. cpprest's exceptions stay on its thread: libstdc++ counts the references
// to one out of the sight of the thread sanitizer, and the last owner frees what `what()` points
// to.
struct CaughtFailure {
  enum class From { kCpprest, kSystem, kOther };

  From from = From::kOther;
  int code = 0;  // kCpprest
  std::string what;

  // Of the exception that is being handled.
  [[nodiscard]] static CaughtFailure Current();
};

struct TransportFailure {
  Error error;
  bool stale_connection = false;  // the request could not be written
};

// `label` begins the message; `tls` (may be null) knows why a certificate was refused.
[[nodiscard]] TransportFailure DescribeFailure(const CaughtFailure& failure,
                                               const std::string& label, const TlsSettings* tls);

}  // namespace evenkeel
