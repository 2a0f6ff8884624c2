#include "controller/runtime/http_transport_errors.hpp"

#include <cerrno>
#include <memory>
#include <string>

#include "controller/runtime/http_transport_tls.hpp"
#include "support/catch.hpp"

using namespace evenkeel;
using Catch::Matchers::Contains;

TEST_CASE("a TLS connection that breaks in the write may be a client certificate refused") {
  const auto tls = TlsSettings::Make({}, "localhost", false);
  REQUIRE(tls);
  for (const int code : {EPIPE, ECONNRESET}) {
    const CaughtFailure failure{CaughtFailure::From::kCpprest, code, "Failed to write headers"};
    CHECK_THAT(DescribeFailure(failure, "GET /", tls->get()).error.message,
               Contains("certificate of its client"));
    CHECK_THAT(DescribeFailure(failure, "GET /", nullptr).error.message, !Contains("certificate"));
  }
}
