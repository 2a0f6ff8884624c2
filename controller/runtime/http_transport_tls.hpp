// TLS as a client, for the transport: what to trust and what to show, checked once and then applied
// to each new connection.
//
// cpprest makes an OpenSSL context for every connection and compares names with the Host header.
// Here OpenSSL itself verifies the chain and the name (DNS or IP subject alternative name), so that
// the name may differ from the URL's host (tls_server_name) and a refusal has a reason for people.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <mutex>
#include <string>

#include "controller/runtime/http_transport_credentials.hpp"
#include "policies/result.hpp"

namespace evenkeel {

class TlsSettings {
 public:
  // `name` is what the certificate must be for: a DNS name or an IP address. kInvalid if OpenSSL
  // cannot use the material, or the key does not belong to the certificate.
  [[nodiscard]] static Result<std::shared_ptr<TlsSettings>> Make(TlsMaterial material,
                                                                 std::string name,
                                                                 bool skip_verify);

  // Sets up a connection's context. `self` must outlive the connection. Throws
  // boost::system::system_error, though not for what Make has accepted.
  void Apply(boost::asio::ssl::context& context);

  // Why the last certificate was refused; empty if none was. Safe from any thread.
  [[nodiscard]] std::string last_refusal() const;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool name_is_address() const { return name_is_address_; }
  [[nodiscard]] bool skip_verify() const { return skip_verify_; }
  void NoteRefusal(std::string reason);

 private:
  TlsSettings(TlsMaterial material, std::string name, bool skip_verify);

  void Trust(boost::asio::ssl::context& context) const;
  void Identify(boost::asio::ssl::context& context) const;

  TlsMaterial material_;
  std::string name_;
  bool name_is_address_;
  bool skip_verify_;
  mutable std::mutex mutex_;
  std::string last_refusal_;
};

}  // namespace evenkeel
