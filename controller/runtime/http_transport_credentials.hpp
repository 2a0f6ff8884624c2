// What a transport reads from files to log in to its server: tokens, CA, client certificate.
//
// All of it can be replaced while we run (projected service account tokens every hour, certificates
// by cert-manager or kubelet), mostly by swapping a symbolic link, so that what is watched is the
// file that the path leads to now: device, inode, size and time of modification.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "controller/core/server_config.hpp"
#include "policies/result.hpp"

namespace evenkeel {

// Equal stamps mean the same content; a file that is missing has an empty stamp.
struct FileStamp {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = -1;
  std::int64_t modified_ns = 0;

  bool operator==(const FileStamp&) const = default;
};
[[nodiscard]] FileStamp StampOf(const std::string& path);

// kInvalid says `what`, the path and the reason. At most 1 MiB: a larger file is none of these.
[[nodiscard]] Result<std::string> ReadCredentialFile(std::string_view what,
                                                     const std::string& path);

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

// The Authorization header's value; empty without credentials. The token file wins over the fixed
// token, either over user name and password. kInvalid also for a token with white space or control
// characters inside, which could not be sent.
[[nodiscard]] Result<std::string> ReadAuthorization(const ServerConfig& config);

}  // namespace evenkeel
