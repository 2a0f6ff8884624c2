// Where the repository is, for tests that read its files.
#pragma once

#include <string>

namespace evenkeel::test {

[[nodiscard]] std::string SourceDir();

}  // namespace evenkeel::test
