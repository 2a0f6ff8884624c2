#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "conformance/cases.hpp"
#include "conformance/improvements.hpp"
#include "conformance/vectors.hpp"
#include "support/catch.hpp"

namespace evenkeel::conformance {
namespace {

constexpr std::int64_t kMost64 = std::numeric_limits<std::int64_t>::max();
constexpr int kMost32 = std::numeric_limits<int>::max();
constexpr int kError = -1;

// Where the default mode gives another number on purpose, and why.
struct ByDefault {
  int replicas;
  const char* improvement;
};

struct Case {
  const char* name;
  json vector;
  int replicas;  // of the HPA
  const char* reason = "";
  std::optional<ByDefault> by_default{};
};

using Cases = std::vector<Case>;

const Tolerance kNone{0, 0};
const Tolerance kUp1{0.01, 0.1};

Cases ResourceCases() {
  const auto& cpu = CpuCase;
  return {
      {"1 grows to the mean utilization", cpu({3, {30, 50, 70}, 30, "TTT"}), 5},
      {"2 an unready pod counts as idle", cpu({3, {30, 50, 70}, 30, "FTT"}), 4},
      {"3 a hot pod that has just started counts as idle", cpu({3, {30, 50, 70}, 30, "HTT"}), 4, "",
       ByDefault{5, "UnreadyPodsLeftOut"}},
      {"4 unready pods that would turn the direction", cpu({3, {40, 50, 70}, 30, "TFF"}), 3},
      {"5 failed pods are ignored", cpu({2, {50, 70, 90, 90}, 30, "TTXX"}), 4},
      {"6 terminating pods are ignored", cpu({2, {50, 70, 90, 90}, 30, "TTDD"}), 4},
      {"7 shrinks", cpu({5, {10, 30, 50, 25, 25}, 50, "TTTTT"}), 3},
      {"8 shrinks by the ready pods alone", cpu({5, {10, 30, 50, 25, 25}, 50, "TTTFF"}), 2},
      {"9 shrinks with four pending", cpu({5, {10}, 50, "TPPPP"}), 1},
      {"10 samples of strangers are superfluous",
       cpu({4, {400, 950, 300, 700, 320, 200}, 100, "TTTT"}), 24},
      {"11 shrinks with half the samples missing",
       cpu({4, {400, 95}, 100, "TTMM", {}, {1000, 1000, 1000, 1000}}), 3},
      {"12 one missing at the target", cpu({2, {100}, 100, "TM"}), 2},
      {"12 one missing above", cpu({2, {190}, 100, "TM"}), 2},
      {"12 one missing below", cpu({2, {60}, 100, "TM"}), 2},
      {"13 unready and missing, far above", cpu({3, {10, 200}, 50, "FTM"}), 4},
      {"14 unready and missing, below", cpu({4, {10, 10, 10}, 50, "FTTM"}), 3},
      {"15 a target above 100 % and unequal requests",
       cpu({4, {400, 200, 200}, 300, "FTTM", {}, {2000, 2000, 4000, 4000}}), 2},
      {"16 the sample of a surge pod is missing", cpu({2, {10, 10}, 50, "TTM"}), 2},
      {"17 the names of samples and pods are disjoint",
       [] {
         json vector = CpuCase({1, {50}, 50, "M"});
         return vector;
       }(),
       kError},
      {"17 no samples", cpu({2, {}, 50, "MM"}), kError},
      {"17 no request",
       [] {
         json vector = CpuCase({1, {50}, 50, "T"});
         vector["pods"][0].erase("requestMilli");
         return vector;
       }(),
       kError},
      {"18 within the tolerance", cpu({3, {102, 102, 102}, 100, "TTT"}), 3},
      {"19 zero tolerance", cpu({3, {101, 101, 101}, 100, "TTT", kNone}), 4},
      {"20 a tolerance of 200 % upwards", cpu({3, {190, 190, 190}, 100, "TTT", {2, 0.1}}), 3},
      {"21 a tolerance of 8 % upwards", cpu({3, {109, 109, 109}, 100, "TTT", {0.08, 2}}), 4},
      {"22 a tolerance of 36 % downwards", cpu({3, {65, 65, 65}, 100, "TTT", {0.1, 0.36}}), 3},
      {"22 a tolerance of 34 % downwards", cpu({3, {65, 65, 65}, 100, "TTT", {0.1, 0.34}}), 2},
      {"40 the band's upper end belongs to it", cpu({10, {110}, 100, "T"}), 10},
      {"40 above the band",
       cpu({10, {111, 111, 111, 111, 111, 111, 111, 111, 111, 111}, 100, "TTTTTTTTTT"}), 12},
      {"40 the band's lower end belongs to it", cpu({10, {90}, 100, "T"}), 10},
      {"40 below the band", cpu({10, {89, 89, 89, 89, 89, 89, 89, 89, 89, 89}, 100, "TTTTTTTTTT"}),
       9},
      {"41 the mean hides a hot pod", cpu({3, {180, 60, 60}, 100, "TTT"}), 3},
  };
}

Cases PodsMetricCases() {
  const auto& pods = PodsMetricCase;
  return {
      {"23 grows to the mean", pods({3, {20000, 10000, 30000}, 15000, "TTT"}), 4},
      {"24 an unready pod counts", pods({3, {50000, 10000, 30000}, 15000, "TTF"}), 6, "",
       ByDefault{4, "UnreadyPodsLeftOut"}},
      {"25 two unready pods count", pods({3, {50000, 15000, 30000}, 15000, "FTF"}), 7, "",
       ByDefault{3, "UnreadyPodsLeftOut"}},
      {"26 shrinks", pods({5, {12000, 12000, 12000, 12000, 12000}, 20000, "TTTTT"}), 3},
      {"27 a tolerance of 1 %", pods({3, {20000, 21000, 21000}, 20000, "TTT", kUp1}), 4},
      {"27 a tolerance of 10 %", pods({3, {20000, 21000, 21000}, 20000, "TTT"}), 3},
      {"28 two of five missing at the target", pods({5, {20000, 19000, 21000}, 20000, "TTTMM"}), 5},
      {"29 the sample of a surge pod is missing", pods({2, {10000, 10000}, 17000, "TTM"}), 2},
      {"42 no pod was ever ready", pods({3, {200, 200, 200}, 100, "FFF"}), 6, "",
       ByDefault{kError, "NoReadyPodIsNotZero"}},
      {"42 every pod lost its readiness", pods({3, {200, 200, 200}, 100, "LLL"}), 6},
      {"43 two of four pending at twice the load", pods({4, {200, 200}, 100, "TTPP"}), 4},
      {"43 two of four pending at four times the load", pods({4, {400, 400}, 100, "TTPP"}), 8},
      {"44 one of four missing, above", pods({4, {150, 150, 150}, 100, "TTTM"}), 5},
      {"44 one of four missing, below", pods({4, {50, 50, 50}, 100, "TTTM"}), 3},
      {"44 three of four missing, far below", pods({4, {10}, 100, "TMMM"}), 4},
      {"the last bits of a division", pods({7, {290, 290, 290, 290, 290, 290, 290}, 70, "TTTTTTT"}),
       30, "", ByDefault{29, "ExactRounding"}},
  };
}

Cases WholeMetricCases() {
  const auto& whole = WholeCase;
  return {
      {"30 unready pods are no factor", whole("objectValue", {3, {50000}, 10000, "FTF"}), 5},
      {"31 saturates", whole("objectValue", {3, {kMost64}, 1, "TTT"}), kMost32},
      {"32 within the tolerance", whole("objectValue", {3, {20666}, 20000, "TTT"}), 3},
      {"32 a tolerance of 1 %", whole("objectValue", {3, {20666}, 20000, "TTT", kUp1}), 4},
      {"33 an average grows", whole("objectAverage", {3, {20000}, 5000, "TTT"}), 4},
      {"33 an average shrinks", whole("objectAverage", {5, {6000}, 2000, "TTTTT"}), 3},
      {"34 an average in the band", whole("objectAverage", {4, {20166}, 5000, "TTTT"}), 4},
      {"34 an average out of 1 %", whole("objectAverage", {4, {20208}, 5000, "TTTT", kUp1}), 5},
      {"35 shrinks at a ratio of 1.95", whole("externalValue", {3, {8600}, 4400, "FTF"}), 2, "",
       ByDefault{3, "AboveTargetNeverLowers"}},
      {"36 shrinks", whole("externalValue", {5, {8600}, 14334, "TTTTT"}), 3},
      {"36 within the tolerance", whole("externalValue", {3, {8600}, 8888, "TTT"}), 3},
      {"36 a tolerance of 1 %", whole("externalValue", {3, {8900}, 8800, "TTT", kUp1}), 4},
      {"37 the sum overflows",
       whole("externalValue", {3, {kMost64 / 2 + 1, kMost64 / 2 + 1}, kMost64, "TTT"}), 3},
      {"38 an average grows", whole("externalAverage", {3, {8600}, 2150, "TTT"}), 4},
      {"38 an average shrinks", whole("externalAverage", {5, {8600}, 2867, "TTTTT"}), 3},
      {"38 an average in the band", whole("externalAverage", {3, {8600}, 2900, "TTT"}), 3},
      {"39 an average out of 1 %", whole("externalAverage", {3, {8600}, 2800, "TTT", kUp1}), 4},
      {"45 a latency multiplies", whole("externalValue", {3, {900}, 300, "TTT"}), 9},
      {"45 and again while it is remembered", whole("externalValue", {9, {900}, 300, "TTTTTTTTT"}),
       27},
      {"46 nothing ready under overload", whole("externalValue", {3, {450}, 300, "FFF"}), 0, "",
       ByDefault{5, "NoReadyPodIsNotZero"}},
      {"47 series are summed", whole("externalValue", {3, {200, 250}, 300, "TTT"}), 5},
      {"48 an error rate of five times the target", whole("externalValue", {4, {50}, 10, "TTTT"}),
       20},
      {"49 an average at its target", whole("externalAverage", {10, {1000}, 100, "", {}, 10}), 10},
      {"49 one surge pod", whole("externalAverage", {10, {1000}, 100, "T", {}, 11}), 11, "",
       ByDefault{10, "SpecNotStatus"}},
      {"49 two surge pods", whole("externalAverage", {10, {1000}, 100, "T", {}, 12}), 10},
      {"49 five surge pods", whole("externalAverage", {10, {1000}, 100, "T", {}, 15}), 10},
      {"50 from zero, nothing", whole("externalValue", {0, {0}, 1000, ""}), 0},
      {"50 from zero, little", whole("externalValue", {0, {10}, 1000, ""}), 1},
      {"50 from zero, the target", whole("externalValue", {0, {1000}, 1000, ""}), 1},
      {"50 from zero, more", whole("externalValue", {0, {1500}, 1000, ""}), 2},
      {"50 from zero, much", whole("externalValue", {0, {7200}, 1000, ""}), 8},
      {"surge pods multiply", whole("externalValue", {2, {300}, 200, "TTT"}), 5, "",
       ByDefault{3, "SurgeDoesNotInflate"}},
      {"terminating pods multiply", whole("externalValue", {2, {300}, 200, "TTD"}), 5, "",
       ByDefault{3, "TerminatingPodsExcluded"}},
  };
}

void CheckAll(const Cases& cases) {
  for (const Case& row : cases) {
    INFO(row.name);
    const Answer expected{row.replicas == kError, std::max(row.replicas, 0), row.reason, {}};
    const Answer strict = AnswerAsHpa(row.vector);
    CHECK(strict.error == expected.error);
    CHECK(strict.replicas == expected.replicas);
    if (!expected.reason.empty()) CHECK(strict.reason == expected.reason);
    const int by_default = row.by_default ? row.by_default->replicas : row.replicas;
    const Answer ours = AnswerByDefault(row.vector);
    CHECK((ours.error ? kError : ours.replicas) == by_default);
    if (!row.by_default) continue;
    const auto improvement = Explain(row.vector, strict, ours);
    REQUIRE(improvement);
    CHECK(improvement->name == row.by_default->improvement);
  }
}

TEST_CASE("conformance: proposals from a resource, a metric per pod and a metric of the whole") {
  CheckAll(ResourceCases());
  CheckAll(PodsMetricCases());
  CheckAll(WholeMetricCases());
}

}  // namespace
}  // namespace evenkeel::conformance
