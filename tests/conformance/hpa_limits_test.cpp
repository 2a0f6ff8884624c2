#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/cases.hpp"
#include "conformance/improvements.hpp"
#include "conformance/vectors.hpp"
#include "support/catch.hpp"

namespace evenkeel::conformance {
namespace {

struct Case {
  const char* name;
  json vector;
  int replicas;
  const char* reason;
  int by_default = -1;  // where it is not the HPA's, then
  const char* improvement = "";
};

const char* const kUp = "ScaleUpLimit";
const char* const kDown = "ScaleDownLimit";
const char* const kMost = "TooManyReplicas";
const char* const kLeast = "TooFewReplicas";
const char* const kInside = "DesiredWithinRange";
const char* const kUpHeld = "ScaleUpStabilized";
const char* const kDownHeld = "ScaleDownStabilized";
const char* const kFree = "ReadyForNewScale";

std::vector<Case> UpCases() {
  const Aged ups = {{1, 50}, {5, 40}, {9, 30}};
  const auto up = [](std::string_view rules, int current, int wanted, int most, Aged added = {},
                     Aged removed = {}) {
    return LimitCase({rules, "", current, wanted, 0, most, std::move(added), std::move(removed)});
  };
  return {
      {"51 the default doubles", up("", 10, 50, 1000), 20, kUp},
      {"52 the default from 0", up("", 0, 100, 100), 4, kUp},
      {"52 the default from 1", up("", 1, 100, 100), 5, kUp},
      {"52 the default from 3", up("", 3, 100, 100), 7, kUp},
      {"52 the default from 4", up("", 4, 100, 100), 8, kUp},
      {"53 five more 10 s ago use the quota", up("", 10, 100, 1000, {{5, 10}}), 10, kUp},
      {"53 five more 20 s ago do not", up("", 10, 100, 1000, {{5, 20}}), 20, kUp},
      {"54 the larger of pods and percent", up("Max 100p/60 100%/60", 10, 500, 1000), 110, kUp},
      {"54 the larger of percent and pods", up("Max 2p/60 100%/60", 10, 500, 1000), 20, kUp},
      {"55 pods alone", up("Max 30p/60", 10, 50, 1000), 40, kUp},
      {"55 percent alone", up("Max 200%/60", 10, 50, 1000), 30, kUp},
      {"56 a percentage rounds up", up("Max 1%/60", 3, 1000, 2000), 4, kUp},
      {"57 maxReplicas below the limit", up("", 10, 1000, 10), 10, kMost},
      {"57 maxReplicas below twice", up("", 100, 1000, 150), 150, kMost},
      {"58 a used-up quota keeps the size", up("Max 5p/120", 100, 500, 1000, ups), 100, kUp},
      {"59 pods from the period's start", up("Max 150p/120", 100, 500, 1000, ups), 235, kUp},
      {"59 percent of the period's start", up("Max 200%/120", 100, 500, 1000, ups), 255, kUp},
      {"60 ups and downs in one period", up("Max 300%/300", 6, 24, 1000, {{4, 100}}, {{2, 200}}),
       16, kUp},
      {"61 the smaller of pods and percent", up("Min 2p/60 50%/60", 10, 40, 1000), 12, kUp},
      {"61 disabled", up("Disabled 4p/60", 5, 9, 1000), 5, kUp},
      {"62 10 % of 1", up("Max 10%/60", 1, 50, 1000), 2, kUp},
      {"62 10 % of 10", up("Max 10%/60", 10, 50, 1000), 11, kUp},
      {"62 10 % of 100 is 11", up("Max 10%/60", 100, 500, 1000), 111, kUp, 110, "ExactPercent"},
      {"63 an up and a down of one size cancel", up("Max 4p/60", 6, 20, 1000, {{4, 30}}, {{4, 20}}),
       10, kUp},
      {"a period that began below zero", up("Max 4p/60", 2, 20, 1000, {{10, 30}}), 2, kUp, 4,
       "NoNegativeStart"},
      {"maxReplicas at the limit", up("", 10, 1000, 20), 20, kMost},
  };
}

std::vector<Case> DownCases() {
  const auto down = [](std::string_view rules, int current, int wanted, int least,
                       Aged removed = {}, Aged added = {}) {
    return LimitCase(
        {"", rules, current, wanted, least, 1000, std::move(added), std::move(removed)});
  };
  return {
      {"64 the larger of pods and percent", down("Max 20p/60 1%/60", 100, 2, 1), 80, kDown},
      {"64 2 pods or 1 %", down("Max 2p/60 1%/60", 100, 2, 1), 98, kDown},
      {"65 pods alone", down("Max 5p/60", 10, 2, 1), 5, kDown},
      {"65 percent alone", down("Max 50%/60", 10, 5, 1), 5, kInside},
      {"66 minReplicas above the limit", down("Max 100p/60", 10, 0, 1), 1, kLeast},
      {"66 minReplicas above the wanted", down("Max 100%/60", 10, 2, 5), 5, kLeast},
      {"67 a used-up quota keeps the size",
       down("Max 5p/120", 100, 2, 1, {{1, 50}, {5, 40}, {9, 30}}), 100, kDown},
      {"68 percent of the period's start",
       down("Max 50%/120", 100, 0, 1, {{2, 50}, {4, 40}, {6, 30}}), 56, kDown},
      {"69 ups and downs in one period", down("Max 50%/180", 10, 1, 1, {{4, 100}}, {{2, 150}}), 6,
       kDown},
      {"70 more than the quota is gone",
       down("Max 10%/120", 100, 0, 1, {{10, 50}, {10, 40}, {10, 30}}), 100, kDown},
      {"71 a thousand percent", down("Max 1000%/60", 10, 5, 1, {{30, 30}}), 5, kInside},
      {"72 the smaller of pods and percent", down("Min 4p/60 10%/60", 100, 1, 1), 96, kDown},
      {"72 the larger of pods and percent", down("Max 4p/60 10%/60", 100, 1, 1), 90, kDown},
      {"72 disabled", down("Disabled 4p/60", 10, 3, 1), 10, kDown},
      {"73 10 % of 3", down("Max 10%/60", 3, 1, 1), 2, kDown},
      {"73 10 % of 1", down("Max 10%/60", 1, 0, 0), 0, kInside},
      {"90 % of 10 is all", down("Max 90%/60", 10, 0, 0), 0, kInside, 1, "ExactPercent"},
  };
}

std::vector<Case> PlainCases() {
  const auto& plain = PlainLimitCase;
  return {
      {"74 from 0", plain(0, 100, 0, 1000), 4, kUp},
      {"74 from 1, where behavior allows 5", plain(1, 100, 1, 1000), 4, kUp, 5, "BehaviorDefaults"},
      {"74 from 2", plain(2, 100, 1, 1000), 4, kUp, 6, "BehaviorDefaults"},
      {"74 from 3", plain(3, 100, 1, 1000), 6, kUp, 7, "BehaviorDefaults"},
      {"74 from 10", plain(10, 15, 1, 12), 12, kMost},
      {"75 up inside the bounds", plain(5, 7, 3, 8), 7, kInside},
      {"75 down to minReplicas", plain(3, 1, 2, 8), 2, kLeast},
      {"75 down to nothing", plain(1, 0, 0, 10), 0, kInside},
  };
}

std::vector<Case> StabilizeCases() {
  const auto& hold = StabilizeCase;
  const auto& plain = PlainStabilizeCase;
  const Aged story5 = {{10, 540}, {9, 480}, {8, 420}, {9, 360}, {9, 300},
                       {8, 240},  {9, 180}, {8, 120}, {9, 60}};
  const Aged later5 = {{9, 540}, {8, 480}, {9, 420}, {9, 360}, {8, 300},
                       {9, 240}, {8, 180}, {9, 120}, {8, 60}};
  return {
      {"76 the greatest of the window", plain(300, 3, {{4, 120}, {5, 60}}), 5, kDownHeld, 3,
       "BehaviorDefaults"},
      {"77 nothing in the window", plain(300, 3, {{10, 600}, {9, 540}}), 3, kFree},
      {"78 some in the window", plain(300, 3, {{10, 600}, {4, 60}, {5, 120}, {9, 540}}), 5,
       kDownHeld, 3, "BehaviorDefaults"},
      {"79 a fall is held", hold(0, 180, 100, 3, {{4, 120}, {5, 60}}), 5, kDownHeld},
      {"80 a rise is held", hold(300, 0, 1, 7, {{4, 120}, {5, 60}}), 4, kUpHeld},
      {"81 a rise is held by the least",
       hold(300, 0, 1, 100, {{10, 6000}, {6, 60}, {5, 120}, {9, 180}}), 5, kUpHeld},
      {"82 both windows, down", hold(300, 300, 2, 1, {{2, 6000}, {3, 180}}), 2, kDownHeld},
      {"83 both windows, up", hold(300, 300, 2, 3, {{2, 6000}, {1, 180}}), 2, kUpHeld},
      {"84 KEP-853 story 5", hold(0, 600, 10, 8, story5), 10, kDownHeld},
      {"84 KEP-853 story 5, a minute later", hold(0, 600, 10, 7, later5), 9, kDownHeld},
      {"85 KEP-853 story 6",
       hold(300, 0, 2, 4, {{2, 299}, {3, 240}, {19, 180}, {10, 120}, {3, 60}}), 2, kUpHeld},
      {"85 KEP-853 story 6, a minute later",
       hold(300, 0, 2, 7, {{3, 299}, {19, 240}, {10, 180}, {3, 120}, {4, 60}}), 3, kUpHeld},
      {"86 a restart holds a fall", hold(0, 300, 10, 4, {{10, 15}}), 10, kDownHeld},
      {"86 a restart holds no rise", hold(0, 300, 4, 10, {{4, 15}}), 10, kFree},
      {"86 a restart holds a rise with a window", hold(60, 300, 4, 10, {{4, 15}}), 4, kUpHeld},
      {"87 a manual size under lower recommendations", hold(300, 300, 20, 5, {{5, 120}, {6, 60}}),
       6, kDownHeld},
  };
}

void Check(const Case& row) {
  INFO(row.name);
  const Answer strict = AnswerAsHpa(row.vector);
  CHECK(strict.replicas == row.replicas);
  CHECK(strict.reason == row.reason);
  const Answer ours = AnswerByDefault(row.vector);
  if (row.by_default < 0) {
    CHECK(ours == strict);
    return;
  }
  CHECK(ours.replicas == row.by_default);
  const auto improvement = Explain(row.vector, strict, ours);
  REQUIRE(improvement);
  CHECK(improvement->name == std::string(row.improvement));
}

TEST_CASE("conformance: rate policies, bounds and windows") {
  for (const auto& cases : {UpCases(), DownCases(), PlainCases(), StabilizeCases()}) {
    for (const Case& row : cases) Check(row);
  }
}

}  // namespace
}  // namespace evenkeel::conformance
