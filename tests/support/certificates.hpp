// Certificates made for a test: an authority, and what it has signed.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <chrono>
#include <memory>
#include <string>

#include "tests/support/raw_server.hpp"

namespace evenkeel::test {

struct Identity {
  std::string certificate;  // PEM
  std::string key;          // PEM
};

struct IdentityOptions {
  // OpenSSL's form: "DNS:example.test,IP:127.0.0.1"; empty: none at all.
  std::string names = "IP:127.0.0.1,DNS:localhost";
  std::string common_name = "test";
  std::chrono::seconds expires_in{3600};  // may lie in the past
};

class Authority {
 public:
  Authority();

  [[nodiscard]] const std::string& certificate() const { return certificate_; }  // PEM
  [[nodiscard]] Identity Issue(const IdentityOptions& options = {}) const;

 private:
  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> subject_;
  std::string certificate_;
};

struct ServerTls {
  std::string client_authority{};  // PEM; if set, clients must show a certificate signed by it
  int max_version = 0;             // TLS1_1_VERSION …; 0: the newest
};
[[nodiscard]] TlsContext MakeServerTls(const Identity& identity, const ServerTls& options = {});

}  // namespace evenkeel::test
