// What a transport reads from files to log in to its server: tokens, passwords, secret headers, CA,
// client certificate. All of it can be replaced while we run (small_file.hpp).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/core/http.hpp"
#include "controller/core/server_config.hpp"
#include "controller/runtime/small_file.hpp"
#include "policies/result.hpp"

namespace evenkeel {

// PEM texts, read from the files where the configuration names files.
struct TlsMaterial {
  std::optional<std::string> ca{};
  std::optional<std::string> certificate{};
  std::optional<std::string> key{};
};
[[nodiscard]] Result<TlsMaterial> ReadTlsMaterial(const ServerConfig& config);

struct TlsStamps {
  FileStamp ca{};
  FileStamp certificate{};
  FileStamp key{};

  bool operator==(const TlsStamps&) const = default;
};
[[nodiscard]] TlsStamps StampsOf(const ServerConfig& config);

// What is added to each request: the configured headers, those from files, and Authorization where
// there are credentials. The token file wins over the fixed token, either over user name and
// password; a password file over the fixed password. kInvalid also for a value that could not be
// sent; no message shows one.
[[nodiscard]] Result<Headers> ReadRequestHeaders(const ServerConfig& config);

// Of the files that ReadRequestHeaders reads.
[[nodiscard]] std::vector<FileStamp> HeaderStampsOf(const ServerConfig& config);

}  // namespace evenkeel
