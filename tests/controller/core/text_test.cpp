#include "controller/core/text.hpp"

#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

using std::string_literals::operator""s;

bool IsValidUtf8(const std::string& text) {
  return nlohmann::json(text)
             .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
             .find("\uFFFD") == std::string::npos;
}

TEST_CASE("text that fits is left alone") {
  CHECK(BoundedText("", 10).empty());
  CHECK(BoundedText("4→7: P99 über 250ms", 100) == "4→7: P99 über 250ms");
  CHECK(BoundedText("0123456789", 10) == "0123456789");
}

TEST_CASE("text that is too long is cut between characters, and the cut is marked") {
  CHECK(BoundedText("01234567890", 10) == "0123456…");
  CHECK(BoundedText("→→→→", 10) == "→→…");
  CHECK(BoundedText(std::string(1'000'000, 'x'), 1024).size() == 1024);
}

TEST_CASE("control characters become spaces") {
  CHECK(BoundedText("a\r\nb\tc\x1b[31m\x7f"s + "\0d"s, 100) == "a  b c [31m  d");
  CHECK(BoundedText("a\u0085b\u2028c\u2029d", 100) == "a b c d");
}

TEST_CASE("bytes that are not UTF-8 become question marks") {
  CHECK(BoundedText("a\xffz", 10) == "a?z");
  CHECK(BoundedText("\xc0\xaf", 10) == "??");            // overlong
  CHECK(BoundedText("\xe0\x80\xaf", 10) == "???");       // overlong
  CHECK(BoundedText("\xed\xa0\x80", 10) == "???");       // surrogate
  CHECK(BoundedText("\xf4\x90\x80\x80", 10) == "????");  // above U+10FFFF
  CHECK(BoundedText("\xe2\x86", 10) == "??");            // cut short
  CHECK(BoundedText("\xf0\x9f\x98\x80", 10) == "\xf0\x9f\x98\x80");
}

TEST_CASE("whatever the bytes, the result is valid UTF-8 within its bound") {
  std::mt19937 random(3);  // NOLINT(cert-msc*): the same bytes every run
  for (int i = 0; i < 3000; ++i) {
    std::string bytes(random() % 40, ' ');
    for (char& c : bytes)
      c = static_cast<char>(random() % 2 == 0 ? 0xC0 + random() % 0x40 : random());
    const std::size_t bound = 3 + random() % 30;
    const std::string text = BoundedText(bytes, bound);
    REQUIRE(text.size() <= bound);
    REQUIRE(IsValidUtf8(text));
  }
}

TEST_CASE("plain words stand unquoted in a logfmt line") {
  CHECK(LogfmtValue("shop/checkout") == "shop/checkout");
  CHECK(LogfmtValue("7(+3/60s)") == "7(+3/60s)");
}

TEST_CASE("what could forge a line or a key is quoted and escaped") {
  CHECK(LogfmtValue("") == "\"\"");
  CHECK(LogfmtValue("max over 300s") == "\"max over 300s\"");
  CHECK(LogfmtValue("a=b") == "\"a=b\"");
  CHECK(LogfmtValue("say \"hi\"") == R"("say \"hi\"")");
  CHECK(LogfmtValue("x\ndecision policy=forged") == R"("x\ndecision policy=forged")");
  CHECK(LogfmtValue("\x1b[31m\x7f") == R"("\u001b[31m\u007f")");
  CHECK(LogfmtValue("\u0085\u2028→") == R"("\u0085\u2028\u2192")");
  CHECK(LogfmtValue("a\\b") == R"("a\\b")");
}

}  // namespace
}  // namespace evenkeel
