// What to say about a word that is not among those allowed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace evenkeel {

// The word of `allowed` that `given` is probably a slip of: equal but for case, or at most a third
// of its letters wrong (Damerau-Levenshtein). Empty if none is that close.
[[nodiscard]] std::string ClosestWord(std::string_view given,
                                      const std::vector<std::string>& allowed);

// `"Enforce", "Observe"`, and `; did you mean "Observe"?` when one is close.
[[nodiscard]] std::string AllowedWords(std::string_view given,
                                       const std::vector<std::string>& allowed);

}  // namespace evenkeel
