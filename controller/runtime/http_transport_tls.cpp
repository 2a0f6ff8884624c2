#include "controller/runtime/http_transport_tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "controller/runtime/http_transport_credentials.hpp"
#include "policies/result.hpp"

namespace evenkeel {
namespace {

bool IsAddress(const std::string& name) {
  boost::system::error_code error;
  boost::asio::ip::make_address(name, error);
  return !error;
}

// Where a context keeps its TlsSettings for InfoCallback.
int SettingsIndex() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

// Names the server that is meant (SNI) as the handshake begins: cpprest itself could only name the
// Host header. An IP address is not a name (RFC 6066 § 3).
void InfoCallback(const SSL* ssl, int where, int /*result*/) {
  if ((where & SSL_CB_HANDSHAKE_START) == 0) return;
  const auto* settings =
      static_cast<const TlsSettings*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), SettingsIndex()));
  if (settings == nullptr || settings->name_is_address()) return;
  // What OpenSSL's macro SSL_set_tlsext_host_name does, without its old-style cast. The constness
  // is that of the callback's and the control function's signatures only.
  SSL_ctrl(const_cast<SSL*>(ssl), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
           const_cast<char*>(settings->name().c_str()));
}

// Takes the place of the whole verification, cpprest's own per-certificate callback included.
int VerifyCallback(X509_STORE_CTX* store, void* argument) {
  auto* settings = static_cast<TlsSettings*>(argument);
  if (settings->skip_verify()) return 1;
  X509_STORE_CTX_set_verify_cb(store, [](int verified, X509_STORE_CTX*) { return verified; });
  if (X509_verify_cert(store) > 0) return 1;
  const int code = X509_STORE_CTX_get_error(store);
  std::string reason = X509_verify_cert_error_string(code);
  if (code == X509_V_ERR_HOSTNAME_MISMATCH || code == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    reason += " (it is not for '" + settings->name() + "')";
  }
  settings->NoteRefusal(std::move(reason));
  // Asio reports the oldest error in the queue: it shall be the one that follows from our 0.
  ERR_clear_error();
  return 0;
}

// What kubectl accepts and refuses: any of the CA certificates is an anchor, also one that is not
// self-signed, and a common name is not a host name.
void Expect(X509_VERIFY_PARAM* expected, const std::string& name, bool name_is_address) {
  X509_VERIFY_PARAM_set_flags(expected, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_hostflags(
      expected, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (name_is_address) {
    X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str());
  } else {
    X509_VERIFY_PARAM_set1_host(expected, name.c_str(), name.size());
  }
}

// Throws an error, with the part of the configuration that it came from.
void Check(const boost::system::error_code& error, const char* part) {
  if (error) throw boost::system::system_error(error, part);
}

}  // namespace

TlsSettings::TlsSettings(TlsMaterial material, std::string name, bool skip_verify)
    : material_(std::move(material)),
      name_(std::move(name)),
      name_is_address_(IsAddress(name_)),
      skip_verify_(skip_verify) {}

Result<std::shared_ptr<TlsSettings>> TlsSettings::Make(TlsMaterial material, std::string name,
                                                       bool skip_verify) {
  std::shared_ptr<TlsSettings> settings(
      new TlsSettings(std::move(material), std::move(name), skip_verify));
  try {
    boost::asio::ssl::context probe(boost::asio::ssl::context::tls_client);
    settings->Apply(probe);
  } catch (const boost::system::system_error& error) {
    ERR_clear_error();
    return Invalid(error.what());
  }
  return settings;
}

void TlsSettings::Apply(boost::asio::ssl::context& context) {
  SSL_CTX* native = context.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  Trust(context);
  Identify(context);
  Expect(SSL_CTX_get0_param(native), name_, name_is_address_);
  SSL_CTX_set_cert_verify_callback(native, &VerifyCallback, this);
  SSL_CTX_set_ex_data(native, SettingsIndex(), this);
  SSL_CTX_set_info_callback(native, &InfoCallback);
}

void TlsSettings::Trust(boost::asio::ssl::context& context) const {
  if (!material_.ca) return;  // cpprest has put the system's CAs into the store that is there
  SSL_CTX_set_cert_store(context.native_handle(), X509_STORE_new());
  boost::system::error_code error;
  context.add_certificate_authority(boost::asio::buffer(*material_.ca), error);
  Check(error, "CA certificates");
}

void TlsSettings::Identify(boost::asio::ssl::context& context) const {
  if (!material_.certificate || !material_.key) return;
  boost::system::error_code error;
  context.use_certificate_chain(boost::asio::buffer(*material_.certificate), error);
  Check(error, "client certificate");
  context.use_private_key(boost::asio::buffer(*material_.key), boost::asio::ssl::context::pem,
                          error);
  Check(error, "client key");
}

std::string TlsSettings::last_refusal() const {
  const std::lock_guard lock(mutex_);
  return last_refusal_;
}

void TlsSettings::NoteRefusal(std::string reason) {
  const std::lock_guard lock(mutex_);
  last_refusal_ = std::move(reason);
}

}  // namespace evenkeel
