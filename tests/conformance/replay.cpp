// conformance_replay: answers the oracle's vectors (standard input, one a line) and compares.
//
//   --compatibility hpa      every answer must be the HPA's
//   --compatibility default  every difference must be a named improvement (improvements.cpp)
//
// Prints the first differences that are not allowed in full, the improvements with their counts,
// and at last "oracle: V vectors, M mismatches". Exits with 1 if M > 0, with 2 if called wrongly or
// if there is nothing to compare.
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "conformance/improvements.hpp"
#include "conformance/vectors.hpp"

namespace evenkeel::conformance {
namespace {

constexpr long kShown = 5;

std::string ToText(const Answer& answer) {
  if (answer.error) return "error";
  return std::to_string(answer.replicas) + " " + answer.reason + " " + answer.stabilized;
}

class Replay {
 public:
  explicit Replay(bool strict) : strict_(strict) {}

  void Take(const std::string& line) {
    ++vectors_;
    const nlohmann::json vector = nlohmann::json::parse(line);
    const Answer expected = ExpectedAnswer(vector);
    const Answer answer = strict_ ? AnswerAsHpa(vector) : AnswerByDefault(vector);
    if (answer == expected) return;
    const auto improvement = strict_ ? std::nullopt : Explain(vector, expected, answer);
    if (improvement) {
      Count& count = explained_[improvement->name];
      count.sentence = improvement->sentence;
      ++count.times;
    } else if (mismatches_++ < kShown) {
      std::cout << "mismatch: HPA " << ToText(expected) << ", ours " << ToText(answer) << ": "
                << line << "\n";
    }
  }

  [[nodiscard]] int Conclude() const {
    for (const auto& [name, count] : explained_) {
      std::cout << name << ": " << count.times << " (" << count.sentence << ")\n";
    }
    std::cout << "oracle: " << vectors_ << " vectors, " << mismatches_ << " mismatches\n";
    if (vectors_ == 0) return 2;
    return mismatches_ > 0 ? 1 : 0;
  }

 private:
  struct Count {
    std::string_view sentence;
    long times = 0;
  };

  bool strict_;
  long vectors_ = 0;
  long mismatches_ = 0;
  std::map<std::string_view, Count> explained_;
};

int Run(int argc, char** argv) {
  const std::string_view flag = argc == 3 ? argv[1] : "";
  const std::string_view mode = argc == 3 ? argv[2] : "";
  if (flag != "--compatibility" || (mode != "hpa" && mode != "default")) {
    std::cerr << "usage: conformance_replay --compatibility hpa|default < VECTORS\n";
    return 2;
  }
  std::ios::sync_with_stdio(false);
  Replay replay(mode == "hpa");
  std::string line;
  while (std::getline(std::cin, line)) {
    if (!line.empty()) replay.Take(line);
  }
  return replay.Conclude();
}

}  // namespace
}  // namespace evenkeel::conformance

int main(int argc, char** argv) {
  try {
    return evenkeel::conformance::Run(argc, argv);
  } catch (const nlohmann::json::exception& error) {
    std::cerr << "not a vector: " << error.what() << "\n";
    return 2;
  }
}
