#include "policies/suggest.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

const std::vector<std::string> kWords = {"maxReplicas", "minReplicas", "mode", "slo"};

TEST_CASE("a slip of the pen finds the word that was meant") {
  CHECK(ClosestWord("maxReplica", kWords) == "maxReplicas");
  CHECK(ClosestWord("MaxReplicas", kWords) == "maxReplicas");
  CHECK(ClosestWord("mnireplicas", kWords) == "minReplicas");
  CHECK(ClosestWord("sol", kWords) == "slo");
}

TEST_CASE("a word that resembles none is not guessed at") {
  CHECK(ClosestWord("replicas", kWords).empty());
  CHECK(ClosestWord("x", kWords).empty());
  CHECK(ClosestWord("", kWords).empty());
  CHECK(ClosestWord(std::string(10'000, 'm'), kWords).empty());
  CHECK(ClosestWord("slo", {}).empty());
}

TEST_CASE("the allowed words are listed, with a question when one is close") {
  CHECK(AllowedWords("schedule", {"ratio", "slo"}) == "\"ratio\", \"slo\"");
  CHECK(AllowedWords("sloo", {"ratio", "slo"}) == "\"ratio\", \"slo\"; did you mean \"slo\"?");
}

}  // namespace
}  // namespace evenkeel
