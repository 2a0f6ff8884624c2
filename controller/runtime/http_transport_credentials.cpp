#include "controller/runtime/http_transport_credentials.hpp"

#include <openssl/evp.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <ios>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "controller/core/server_config.hpp"
#include "policies/result.hpp"

namespace evenkeel {
namespace {

constexpr std::size_t kMaxCredentialFile = std::size_t{1} << 20;

Error Unusable(std::string_view what, const std::string& path, const std::string& why) {
  return {ErrorKind::kInvalid, std::string(what) + " '" + path + "': " + why, {}};
}

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
    return Error{ErrorKind::kInvalid, std::string(origin) + ": the token is empty", {}};
  }
  if (!std::all_of(token.begin(), token.end(), IsVisible)) {
    return Error{ErrorKind::kInvalid,
                 std::string(origin) + ": the token has white space or control characters in it",
                 {}};
  }
  return "Bearer " + std::string(token);
}

// One part of the TLS material: the inline text, else the file's, else nothing.
Result<std::optional<std::string>> ReadPart(std::string_view what,
                                            const std::optional<std::string>& text,
                                            const std::optional<std::string>& file) {
  if (text) return text;
  if (!file) return std::optional<std::string>{};
  Result<std::string> content = ReadCredentialFile(what, *file);
  if (!content) return content.error();
  return std::optional<std::string>(*std::move(content));
}

FileStamp StampUnlessInline(const std::optional<std::string>& text,
                            const std::optional<std::string>& file) {
  return text || !file ? FileStamp{} : StampOf(*file);
}

}  // namespace

FileStamp StampOf(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return {};
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  return {info.st_dev, info.st_ino, info.st_size,
          std::int64_t{info.st_mtim.tv_sec} * kNanoseconds + std::int64_t{info.st_mtim.tv_nsec}};
}

Result<std::string> ReadCredentialFile(std::string_view what, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Unusable(what, path, std::generic_category().message(errno));
  std::string content(kMaxCredentialFile + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (file.bad() || (file.fail() && !file.eof())) {
    return Unusable(what, path, "cannot be read");
  }
  content.resize(static_cast<std::size_t>(file.gcount()));
  if (content.size() > kMaxCredentialFile) return Unusable(what, path, "larger than 1 MiB");
  if (content.empty()) return Unusable(what, path, "is empty or cannot be read");
  return content;
}

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

Result<std::string> ReadAuthorization(const ServerConfig& config) {
  if (config.bearer_token_file) {
    Result<std::string> text = ReadCredentialFile("token file", *config.bearer_token_file);
    if (!text) return text.error();
    return Bearer("token file '" + *config.bearer_token_file + "'", *text);
  }
  if (config.bearer_token) return Bearer("bearer token", *config.bearer_token);
  if (config.username || config.password) {
    return "Basic " + Base64(config.username.value_or("") + ":" + config.password.value_or(""));
  }
  return std::string{};
}

}  // namespace evenkeel
