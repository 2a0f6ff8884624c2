#include "controller/runtime/http_transport_credentials.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/core/server_config.hpp"
#include "policies/result.hpp"

namespace evenkeel {
namespace {

std::string Base64(std::string_view text) {
  std::string encoded(4 * ((text.size() + 2) / 3) + 1, '\0');
  // OpenSSL wants unsigned characters; the bytes are the same.
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(length));
  return encoded;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool IsVisible(char c) { return c > ' ' && c < '\x7f'; }

Result<std::string> Bearer(std::string_view origin, std::string_view text) {
  const std::string_view token = Trim(text);
  if (token.empty()) {
    return Invalid(std::string(origin) + ": the token is empty");
  }
  if (!std::all_of(token.begin(), token.end(), IsVisible)) {
    return Error{ErrorKind::kInvalid,
                 std::string(origin) + ": the token has white space or control characters in it",
                 {}};
  }
  return "Bearer " + std::string(token);
}

Result<std::string> Basic(const ServerConfig& config) {
  std::string password = config.password.value_or("");
  if (config.password_file) {
    const Result<std::string> text = ReadSmallFile("password file", *config.password_file);
    if (!text) return text.error();
    password = Trim(*text);
  }
  return "Basic " + Base64(config.username.value_or("") + ":" + password);
}

// The Authorization header's value; empty without credentials.
Result<std::string> Authorization(const ServerConfig& config) {
  if (config.bearer_token_file) {
    const Result<std::string> text = ReadSmallFile("token file", *config.bearer_token_file);
    if (!text) return text.error();
    return Bearer("token file '" + *config.bearer_token_file + "'", *text);
  }
  if (config.bearer_token) return Bearer("bearer token", *config.bearer_token);
  const bool basic = config.username || config.password || config.password_file;
  return basic ? Basic(config) : std::string{};
}

Result<std::string> HeaderValue(const std::string& name, const std::string& file) {
  const Result<std::string> text = ReadSmallFile("file of the header " + name, file);
  if (!text) return text.error();
  const std::string_view value = Trim(*text);
  const bool sendable =
      std::ranges::all_of(value, [](char c) { return IsVisible(c) || c == ' ' || c == '\t'; });
  if (!value.empty() && sendable) return std::string(value);
  return Error{
      ErrorKind::kInvalid,
      "file of the header " + name + " '" + file + "': must hold one line of ASCII text, not empty",
      {}};
}

// One part of the TLS material: the inline text, else the file's, else nothing.
Result<std::optional<std::string>> ReadPart(std::string_view what,
                                            const std::optional<std::string>& text,
                                            const std::optional<std::string>& file) {
  if (text) return text;
  if (!file) return std::optional<std::string>{};
  Result<std::string> content = ReadSmallFile(what, *file);
  if (!content) return content.error();
  return std::optional<std::string>(*std::move(content));
}

FileStamp StampUnlessInline(const std::optional<std::string>& text,
                            const std::optional<std::string>& file) {
  return text || !file ? FileStamp{} : StampOf(*file);
}

}  // namespace

Result<TlsMaterial> ReadTlsMaterial(const ServerConfig& config) {
  auto ca = ReadPart("CA file", config.ca_pem, config.ca_file);
  if (!ca) return ca.error();
  auto certificate = ReadPart("client certificate file", config.client_certificate_pem,
                              config.client_certificate_file);
  if (!certificate) return certificate.error();
  auto key = ReadPart("client key file", config.client_key_pem, config.client_key_file);
  if (!key) return key.error();
  if (certificate->has_value() != key->has_value()) {
    return Error{ErrorKind::kInvalid,
                 certificate->has_value() ? "a client certificate is given without its key"
                                          : "a client key is given without its certificate",
                 {}};
  }
  return TlsMaterial{*std::move(ca), *std::move(certificate), *std::move(key)};
}

TlsStamps StampsOf(const ServerConfig& config) {
  return {StampUnlessInline(config.ca_pem, config.ca_file),
          StampUnlessInline(config.client_certificate_pem, config.client_certificate_file),
          StampUnlessInline(config.client_key_pem, config.client_key_file)};
}

std::vector<FileStamp> HeaderStampsOf(const ServerConfig& config) {
  std::vector<FileStamp> stamps;
  for (const auto& file : {config.bearer_token_file, config.password_file}) {
    if (file) stamps.push_back(StampOf(*file));
  }
  for (const auto& [name, file] : config.header_files) stamps.push_back(StampOf(file));
  return stamps;
}

Result<Headers> ReadRequestHeaders(const ServerConfig& config) {
  Headers headers = config.headers;
  for (const auto& [name, file] : config.header_files) {
    const Result<std::string> value = HeaderValue(name, file);
    if (!value) return value.error();
    headers.insert_or_assign(name, *value);
  }
  const Result<std::string> authorization = Authorization(config);
  if (!authorization) return authorization.error();
  if (!authorization->empty()) headers.insert_or_assign("Authorization", *authorization);
  return headers;
}

}  // namespace evenkeel
