#include "controller/kubernetes/line_splitter.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

using Lines = std::vector<std::string>;

struct Splitting {
  explicit Splitting(std::size_t max_line) : splitter(max_line) {}

  Status Feed(std::string_view piece) {
    return splitter.Feed(piece, [this](std::string_view line) {
      lines.emplace_back(line);
      return lines.size() < stop_after;
    });
  }

  LineSplitter splitter;
  Lines lines;
  std::size_t stop_after = 1'000;
};

TEST_CASE("a stream cut at any byte gives the same lines") {
  const std::string stream =
      "{\"a\":\"Gr\xc3\xbc\xc3\x9f"
      "e \xf0\x9f\x9a\x80\"}\r\n\n{\"b\":\"\\u00fc\\n\"}\n{\"c\":1}\r\n";
  const Lines expected = {
      "{\"a\":\"Gr\xc3\xbc\xc3\x9f"
      "e \xf0\x9f\x9a\x80\"}",
      "{\"b\":\"\\u00fc\\n\"}", "{\"c\":1}"};
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) {
      Splitting splitting(100);
      const std::string_view all = stream;
      REQUIRE(splitting.Feed(all.substr(0, first)));
      REQUIRE(splitting.Feed(all.substr(first, second - first)));
      REQUIRE(splitting.Feed(all.substr(second)));
      REQUIRE(splitting.lines == expected);
    }
  }
}

TEST_CASE("a line that was cut off at the end of the stream is not handed over") {
  Splitting splitting(100);
  REQUIRE(splitting.Feed("{\"a\":1}\n{\"b\":"));
  CHECK(splitting.lines == Lines{"{\"a\":1}"});
}

TEST_CASE("a line as long as the bound is taken, a longer one is refused, whole or in pieces") {
  Splitting fits(4);
  CHECK(fits.Feed("1234\n1234\n"));
  CHECK(fits.lines == Lines{"1234", "1234"});

  Splitting whole(4);
  const Status refused = whole.Feed("12345\n");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::kTooLarge);

  Splitting pieces(4);
  REQUIRE(pieces.Feed("123"));
  CHECK_FALSE(pieces.Feed("45"));
  CHECK(pieces.lines.empty());
}

TEST_CASE("the reader of lines can stop in the middle of a piece") {
  Splitting splitting(100);
  splitting.stop_after = 1;
  const Status stopped = splitting.Feed("a\nb\n");
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().kind == ErrorKind::kCancelled);
  CHECK(splitting.lines == Lines{"a"});
}

}  // namespace
}  // namespace evenkeel
