#include "controller/kubernetes/line_splitter.hpp"

#include <cstddef>
#include <string>
#include <string_view>

#include "policies/result.hpp"

namespace evenkeel {

Status LineSplitter::Feed(std::string_view piece, const OnLine& on_line) {
  while (!piece.empty()) {
    const std::size_t end = piece.find('\n');
    const std::string_view part = piece.substr(0, end);
    if (rest_.size() + part.size() > max_line_) {
      return Error{ErrorKind::kTooLarge,
                   "a line is longer than " + std::to_string(max_line_) + " bytes",
                   {}};
    }
    rest_ += part;
    if (end == std::string_view::npos) break;
    piece.remove_prefix(end + 1);
    if (!rest_.empty() && rest_.back() == '\r') rest_.pop_back();
    if (!rest_.empty() && !on_line(rest_)) return Error{ErrorKind::kCancelled, "stopped", {}};
    rest_.clear();
  }
  return Ok();
}

}  // namespace evenkeel
