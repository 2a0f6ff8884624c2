#include "controller/runtime/http_transport_errors.hpp"

#include <cpprest/base_uri.h>
#include <cpprest/http_msg.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>

#include "controller/runtime/http_transport_tls.hpp"
#include "policies/result.hpp"

namespace evenkeel {
namespace {

// cpprest keeps the number of an error and drops its category. OpenSSL's packed codes lie far above
// those of the system and of Asio.
bool IsOpenSsl(int code) {
  const int library = ERR_GET_LIB(static_cast<unsigned long>(code));
  return library != 0 && library != ERR_LIB_SYS;
}

std::string TlsReason(int code, const TlsSettings* tls) {
  const auto packed = static_cast<unsigned long>(code);
  if (ERR_GET_REASON(packed) == SSL_R_CERTIFICATE_VERIFY_FAILED && tls != nullptr) {
    return "the server's certificate was refused: " + tls->last_refusal();
  }
  const char* reason = ERR_reason_error_string(packed);
  return std::string("TLS: ") + (reason != nullptr ? reason : "unknown reason");
}

bool Begins(std::string_view text, std::string_view beginning) {
  return text.substr(0, beginning.size()) == beginning;
}

// With TLS 1.3 a server refuses a client after the handshake; whether its alert arrives before the
// write fails is chance.
std::string Broken(int code, bool tls) {
  std::string reason = std::generic_category().message(code);
  if (!tls) return reason;
  return reason + ": the server ended the TLS connection, as one does that demands another " +
         "certificate of its client, or any";
}

std::string Reason(std::string_view stage, int code, bool tls) {
  if (Begins(stage, "Error resolving")) return "the host name cannot be resolved";
  // cpprest reports a refused connection under this code, too.
  if (Begins(stage, "Failed to connect") && code == EHOSTUNREACH) {
    return "connection refused or no route to host";
  }
  if (Begins(stage, "Error in SSL handshake")) return "connection closed during the TLS handshake";
  constexpr int kTruncated = boost::asio::ssl::error::stream_truncated;
  if (code == boost::asio::error::eof || code == kTruncated || code == ECONNABORTED) {
    return "connection closed before the end of the answer";
  }
  if (code == EPIPE || code == ECONNRESET) return Broken(code, tls);
  return std::generic_category().message(code);
}

TransportFailure FromCpprest(const CaughtFailure& failure, const std::string& label,
                             const TlsSettings* tls) {
  const int code = failure.code;
  if (IsOpenSsl(code)) return {{ErrorKind::kTls, label + ": " + TlsReason(code, tls), {}}};
  // Without a code it is not the connection that failed, but what came over it.
  if (code == 0) {
    return {{ErrorKind::kMalformed, label + ": not an HTTP answer: " + failure.what, {}}};
  }
  if (code == ETIMEDOUT) return {{ErrorKind::kTimeout, label + ": connection timed out", {}}};
  return {{ErrorKind::kUnavailable, label + ": " + Reason(failure.what, code, tls != nullptr), {}},
          Begins(failure.what, "Failed to write")};
}

}  // namespace

CaughtFailure CaughtFailure::Current() {
  try {
    throw;
  } catch (const web::http::http_exception& exception) {
    return {From::kCpprest, exception.error_code().value(), exception.what()};
  } catch (const boost::system::system_error& exception) {
    return {From::kSystem, 0, exception.what()};
  } catch (const std::exception& exception) {
    return {From::kOther, 0, exception.what()};
  }
}

TransportFailure DescribeFailure(const CaughtFailure& failure, const std::string& label,
                                 const TlsSettings* tls) {
  switch (failure.from) {
    case CaughtFailure::From::kCpprest:
      return FromCpprest(failure, label, tls);
    case CaughtFailure::From::kSystem:
      return {{ErrorKind::kTls, label + ": " + failure.what, {}}};
    case CaughtFailure::From::kOther:
      break;
  }
  return {{ErrorKind::kMalformed, label + ": " + failure.what, {}}};
}

}  // namespace evenkeel
