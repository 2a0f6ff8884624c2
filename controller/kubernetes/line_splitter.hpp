// LineSplitter: a stream of bytes, cut anywhere, → whole lines.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "policies/result.hpp"

namespace evenkeel {

// Takes a line without its end ("\n" or "\r\n"); returns false to stop.
using OnLine = std::function<bool(std::string_view)>;

class LineSplitter {
 public:
  explicit LineSplitter(std::size_t max_line) : max_line_(max_line) {}

  // Hands every line that `piece` completes to `on_line`; empty lines are skipped. kTooLarge when a
  // line outgrows the bound, kCancelled when on_line stopped: then the splitter is used up. An
  // unfinished last line is never handed over: it was cut.
  [[nodiscard]] Status Feed(std::string_view piece, const OnLine& on_line);

 private:
  std::size_t max_line_;
  std::string rest_;
};

}  // namespace evenkeel
