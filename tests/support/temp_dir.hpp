// TempDir: a directory of a test's own, removed with all that is in it.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace evenkeel::test {

class TempDir {
 public:
  TempDir() {
    std::string name = (std::filesystem::temp_directory_path() / "evenkeel-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp " + name);
    path_ = name;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  // The file is replaced as a whole, as kubelet and cert-manager do it. Returns its path.
  std::string Write(const std::string& name, std::string_view content) const {
    const std::filesystem::path target = path_ / name;
    const std::filesystem::path draft = path_ / (name + ".new");
    std::ofstream(draft, std::ios::binary) << content;
    std::filesystem::rename(draft, target);
    return target.string();
  }

 private:
  std::filesystem::path path_;
};

}  // namespace evenkeel::test
