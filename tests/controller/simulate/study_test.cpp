#include "controller/simulate/study.hpp"

#include <vector>

#include "studies.hpp"
#include "support/catch.hpp"

namespace evenkeel {
namespace {

using test::MakeRecord;
using test::MakeScenarios;

// One scenario, one seed; per policy bad requests of 1000 and replicas.
std::vector<PolicyOutcome> Outcomes(
    const std::vector<StudyPolicy>& policies,
    const std::vector<std::pair<std::uint32_t, Replicas>>& results) {
  Study study(MakeScenarios({"step"}), policies, {1});
  for (std::size_t i = 0; i < results.size(); ++i) {
    study.Put({0, i, 0}, MakeRecord(results[i].first, results[i].second));
  }
  return OutcomesOf(study);
}

TEST_CASE("study: cells go seed by seed, so that whoever stops has as many of each") {
  const Study study(MakeScenarios({"a", "b"}), {{"slo"}, {"kpa"}}, {7, 8, 9});
  const auto cells = study.Cells();
  REQUIRE(cells.size() == 12);
  for (std::size_t i = 0; i < 4; ++i) CHECK(cells[i].seed == 0);
  CHECK(cells[1].policy == 1);
  CHECK(cells[2].scenario == 1);
  CHECK(cells[11].seed == 2);
}

TEST_CASE("study: the record of the first seed is kept, of the others the scores") {
  Study study(MakeScenarios({"a", "b"}), {{"slo"}, {"kpa"}}, {7, 8});
  CHECK(study.RecordAt(1, 0) == nullptr);
  study.Put({1, 0, 1}, MakeRecord(100, 3));
  CHECK(study.RecordAt(1, 0) == nullptr);
  study.Put({1, 0, 0}, MakeRecord(200, 5));
  REQUIRE(study.RecordAt(1, 0) != nullptr);
  CHECK(study.RecordAt(1, 0)->seconds.front().spec == 5);
  CHECK(study.RecordAt(0, 0) == nullptr);
  CHECK(study.ScoresAt({1, 0, 1})->replica_hours == Approx(3));
  CHECK(study.Done() == 2);
  CHECK_FALSE(study.Complete());
}

TEST_CASE("study: what is not done is left out, and differences take the seeds both have") {
  Study study(MakeScenarios({"a"}), {{"slo"}, {"kpa"}, {"pid"}}, {1, 2, 3});
  study.Put({0, 0, 0}, MakeRecord(10, 4));
  study.Put({0, 0, 1}, MakeRecord(20, 4));
  study.Put({0, 1, 1}, MakeRecord(50, 4));
  study.Put({0, 1, 2}, MakeRecord(900, 4));
  const auto outcomes = OutcomesOf(study);
  REQUIRE(outcomes.size() == 2);
  CHECK(outcomes[0].seeds == std::vector<std::uint64_t>{1, 2});
  CHECK_FALSE(outcomes[0].differences);
  CHECK(outcomes[1].seeds == std::vector<std::uint64_t>{2, 3});
  CHECK(outcomes[1].Of(&Scores::bad_requests).mean == Approx(0.475));
  REQUIRE(outcomes[1].differences);
  CHECK((*outcomes[1].differences)[0].absolute.mean == Approx(0.03));
  CHECK(*(*outcomes[1].differences)[0].relative == Approx(1.5));
}

TEST_CASE("study: no seed in common, no difference") {
  Study study(MakeScenarios({"a"}), {{"slo"}, {"kpa"}}, {1, 2});
  study.Put({0, 0, 0}, MakeRecord(10, 4));
  study.Put({0, 1, 1}, MakeRecord(50, 4));
  CHECK_FALSE(OutcomesOf(study)[1].differences);
}

TEST_CASE("study: a share lies between hpa-elu and oracle-reactive") {
  const auto outcomes = Outcomes({{"slo"}, {"hpa-elu"}, {"oracle-reactive", "", "", true}},
                                 {{30, 6}, {50, 10}, {10, 5}});
  CHECK(*outcomes[0].share_of_bad_requests == Approx(0.5));
  CHECK(*outcomes[0].share_of_replica_hours == Approx(0.8));
  CHECK(*outcomes[1].share_of_bad_requests == Approx(0));
  CHECK(*outcomes[2].share_of_bad_requests == Approx(1));
  SECTION("unless there is nothing between them, or one is not there") {
    const auto even = Outcomes({{"slo"}, {"hpa-elu"}, {"oracle-reactive", "", "", true}},
                               {{30, 6}, {50, 5}, {50, 6}});
    CHECK_FALSE(even[0].share_of_bad_requests);
    CHECK_FALSE(even[0].share_of_replica_hours);
    CHECK_FALSE(Outcomes({{"slo"}, {"hpa-elu"}}, {{30, 6}, {50, 5}})[0].share_of_bad_requests);
  }
}

TEST_CASE("study: limits neither are on the front nor push others off it") {
  const auto outcomes = Outcomes({{"slo"}, {"kpa"}, {"aws"}, {"oracle-reactive", "", "", true}},
                                 {{10, 6}, {20, 5}, {30, 6}, {0, 1}});
  CHECK(outcomes[0].on_front);
  CHECK(outcomes[1].on_front);
  CHECK_FALSE(outcomes[2].on_front);
  CHECK_FALSE(outcomes[3].on_front);
}

TEST_CASE("study: of a grid, the first that is best on an axis is marked") {
  const std::vector<StudyPolicy> policies = {
      {"slo"}, {"hpa", "hpa"}, {"hpa{t=1}", "hpa"}, {"hpa{t=2}", "hpa"}};
  const auto outcomes = Outcomes(policies, {{0, 1}, {20, 5}, {10, 6}, {20, 5}});
  CHECK((outcomes[0].best_bad_requests && outcomes[0].best_replica_hours));
  CHECK((!outcomes[1].best_bad_requests && outcomes[1].best_replica_hours));
  CHECK((outcomes[2].best_bad_requests && !outcomes[2].best_replica_hours));
  CHECK((!outcomes[3].best_bad_requests && !outcomes[3].best_replica_hours));
  CHECK(HasGrid(Study(MakeScenarios({"a"}), policies, {1})));
  CHECK_FALSE(HasGrid(Study(MakeScenarios({"a"}), {{"slo"}, {"hpa", "hpa"}}, {1})));
}

}  // namespace
}  // namespace evenkeel
