// Small files that are read again when they change: credentials, certificates, our configuration.
//
// They are replaced while we run (projected service account tokens every hour, certificates by
// cert-manager or kubelet, mounted ConfigMaps), mostly by swapping a symbolic link, so that what is
// watched is the file that the path leads to now: device, inode, size and time of modification.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

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

// kInvalid says `what`, the path and the reason; an empty file is one. At most 1 MiB.
[[nodiscard]] Result<std::string> ReadSmallFile(std::string_view what, const std::string& path);

}  // namespace evenkeel
