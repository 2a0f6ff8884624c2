#include "tests/support/source_dir.hpp"

namespace evenkeel::test {

std::string SourceDir() { return EVENKEEL_SOURCE_DIR; }

}  // namespace evenkeel::test
