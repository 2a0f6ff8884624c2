#include "policies/suggest.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace evenkeel {
namespace {

constexpr std::size_t kLongestCompared =
    64;  // bounds the quadratic work; no name of ours is longer

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// Insertions, deletions, substitutions and swaps of neighbours from `a` to `b`.
std::size_t Distance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> cost((a.size() + 1) * width);
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      std::size_t& here = cost[i * width + j];
      if (i == 0 || j == 0) {
        here = i + j;
        continue;
      }
      const std::size_t substituted =
          cost[(i - 1) * width + j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      here = std::min({cost[(i - 1) * width + j] + 1, cost[i * width + j - 1] + 1, substituted});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        here = std::min(here, cost[(i - 2) * width + j - 2] + 1);
      }
    }
  }
  return cost.back();
}

}  // namespace

std::string ClosestWord(std::string_view given, const std::vector<std::string>& allowed) {
  if (given.size() > kLongestCompared) return "";
  const std::string lower = Lower(given);
  std::size_t best = std::max<std::size_t>(1, given.size() / 3) + 1;
  std::string closest;
  for (const std::string& word : allowed) {
    const std::size_t distance = Distance(lower, Lower(word));
    if (distance >= best) continue;
    best = distance;
    closest = word;
  }
  return closest;
}

std::string AllowedWords(std::string_view given, const std::vector<std::string>& allowed) {
  std::string text;
  for (const std::string& word : allowed) text += (text.empty() ? "\"" : ", \"") + word + "\"";
  const std::string closest = ClosestWord(given, allowed);
  return closest.empty() ? text : text + "; did you mean \"" + closest + "\"?";
}

}  // namespace evenkeel
