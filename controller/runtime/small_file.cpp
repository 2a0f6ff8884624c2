#include "controller/runtime/small_file.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <ios>
#include <string>
#include <string_view>
#include <system_error>

#include "policies/result.hpp"

namespace evenkeel {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

Error Unusable(std::string_view what, const std::string& path, const std::string& why) {
  return Invalid(std::string(what) + " '" + path + "': " + why);
}

}  // namespace

FileStamp StampOf(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return {};
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  return {info.st_dev, info.st_ino, info.st_size,
          std::int64_t{info.st_mtim.tv_sec} * kNanoseconds + std::int64_t{info.st_mtim.tv_nsec}};
}

Result<std::string> ReadSmallFile(std::string_view what, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Unusable(what, path, std::generic_category().message(errno));
  std::string content(kMaxBytes + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (file.bad() || (file.fail() && !file.eof())) {
    return Unusable(what, path, "cannot be read");
  }
  content.resize(static_cast<std::size_t>(file.gcount()));
  if (content.size() > kMaxBytes) return Unusable(what, path, "larger than 1 MiB");
  if (content.empty()) return Unusable(what, path, "is empty or cannot be read");
  return content;
}

}  // namespace evenkeel
