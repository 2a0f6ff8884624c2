#include "tests/support/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>

#include "tests/support/raw_server.hpp"

namespace evenkeel::test {
namespace {

using Key = std::shared_ptr<EVP_PKEY>;
using Certificate = std::shared_ptr<X509>;
using Bio = std::unique_ptr<BIO, int (*)(BIO*)>;

void Require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

Key NewKey() { return {EVP_EC_gen("P-256"), &EVP_PKEY_free}; }

std::string Text(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string Pem(const Certificate& certificate) {
  const Bio memory(BIO_new(BIO_s_mem()), &BIO_free);
  Require(PEM_write_bio_X509(memory.get(), certificate.get()) == 1, "write certificate");
  return Text(memory.get());
}

std::string Pem(const Key& key) {
  const Bio memory(BIO_new(BIO_s_mem()), &BIO_free);
  Require(
      PEM_write_bio_PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
      "write key");
  return Text(memory.get());
}

void AddExtension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, void (*)(X509_EXTENSION*)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()), &X509_EXTENSION_free);
  Require(extension != nullptr, value.c_str());
  X509_add_ext(certificate, extension.get(), -1);
}

// Without issuer and signature.
Certificate Draft(const Key& key, const std::string& common_name, std::chrono::seconds expires_in) {
  static std::atomic<long> serial{1};
  Certificate draft(X509_new(), &X509_free);
  X509_set_version(draft.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(draft.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(draft.get()), -86'400);
  X509_gmtime_adj(X509_getm_notAfter(draft.get()), expires_in.count());
  X509_set_pubkey(draft.get(), key.get());
  // OpenSSL wants unsigned characters; the bytes are the same.
  X509_NAME_add_entry_by_txt(X509_get_subject_name(draft.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                             0);
  return draft;
}

void Sign(const Certificate& draft, const Certificate& issuer, const Key& issuer_key) {
  X509_set_issuer_name(draft.get(), X509_get_subject_name(issuer.get()));
  Require(X509_sign(draft.get(), issuer_key.get(), EVP_sha256()) != 0, "sign");
}

Certificate ParseCertificate(const std::string& pem) {
  const Bio memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  return {PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr), &X509_free};
}

Key ParseKey(const std::string& pem) {
  const Bio memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  return {PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free};
}

void RequireClientCertificate(SSL_CTX* context, const std::string& authority) {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ParseCertificate(authority).get());
}

}  // namespace

Authority::Authority() : key_(NewKey()) {
  subject_ = Draft(key_, "authority", std::chrono::hours(1));
  AddExtension(subject_.get(), subject_.get(), NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(subject_.get(), subject_.get(), NID_key_usage, "critical,keyCertSign");
  // All authorities have one name, as after a rotation: the key identifiers tell them apart.
  AddExtension(subject_.get(), subject_.get(), NID_subject_key_identifier, "hash");
  Sign(subject_, subject_, key_);
  certificate_ = Pem(subject_);
}

Identity Authority::Issue(const IdentityOptions& options) const {
  const Key key = NewKey();
  const Certificate certificate = Draft(key, options.common_name, options.expires_in);
  AddExtension(certificate.get(), subject_.get(), NID_authority_key_identifier, "keyid:always");
  if (!options.names.empty()) {
    AddExtension(certificate.get(), subject_.get(), NID_subject_alt_name, options.names);
  }
  Sign(certificate, subject_, key_);
  return {Pem(certificate), Pem(key)};
}

TlsContext MakeServerTls(const Identity& identity, const ServerTls& options) {
  TlsContext context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  Require(SSL_CTX_use_certificate(context.get(), ParseCertificate(identity.certificate).get()) == 1,
          "use certificate");
  Require(SSL_CTX_use_PrivateKey(context.get(), ParseKey(identity.key).get()) == 1, "use key");
  if (options.max_version != 0) {
    SSL_CTX_set_min_proto_version(context.get(), 0);
    SSL_CTX_set_max_proto_version(context.get(), options.max_version);
    SSL_CTX_set_security_level(context.get(), 0);
  }
  if (!options.client_authority.empty()) {
    RequireClientCertificate(context.get(), options.client_authority);
  }
  return context;
}

}  // namespace evenkeel::test
