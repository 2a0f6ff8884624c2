#include "controller/simulate/study_format.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "controller/simulate/score_table.hpp"
#include "studies.hpp"
#include "support/catch.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;
using test::MakeRecord;
using test::MakeScenarios;

Study TwoPolicies() {
  Study study(MakeScenarios({"step"}), {{"slo"}, {"hpa-elu", "hpa-elu"}}, {1, 2});
  study.Put({0, 0, 0}, MakeRecord(10, 4));
  study.Put({0, 0, 1}, MakeRecord(20, 4));
  study.Put({0, 1, 0}, MakeRecord(40, 5));
  study.Put({0, 1, 1}, MakeRecord(50, 5));
  return study;
}

json ToJson(const Study& study) { return json::parse(StudyToJson(study).dump()); }

TEST_CASE("study JSON: each score has its mean and interval") {
  const json rows = ToJson(TwoPolicies());
  REQUIRE(rows.size() == 2);
  CHECK(rows[0]["scenario"] == "step");
  CHECK(rows[0]["policy"] == "slo");
  CHECK(rows[0]["seeds"] == json({1, 2}));
  for (const ScoreField& field : ScoreFields()) CHECK(rows[0].contains(std::string(field.name)));
  // Standard error 0.005, t of one degree of freedom 12.7062.
  CHECK(rows[0]["badRequests"]["mean"].get<double>() == Approx(0.015));
  CHECK(rows[0]["badRequests"]["low"].get<double>() == Approx(0.015 - 12.7062 * 0.005));
  CHECK(rows[0]["badRequests"]["high"].get<double>() == Approx(0.015 + 12.7062 * 0.005));
  CHECK(rows[1]["replicaHours"]["mean"].get<double>() == Approx(5));
}

TEST_CASE("study JSON: differences are against the first policy") {
  const json rows = ToJson(TwoPolicies());
  CHECK(rows[0]["differences"].is_null());
  const json& differences = rows[1]["differences"];
  CHECK(differences["against"] == "slo");
  CHECK(differences["badRequests"]["mean"].get<double>() == Approx(0.03));
  CHECK(differences["badRequests"]["relative"].get<double>() == Approx(2));
  CHECK(differences["badRequests"]["comparison"] == "worse");
  CHECK(differences["changes"]["relative"].is_null());
  CHECK(differences["changes"]["comparison"] == "undecided");
}

TEST_CASE("study JSON: from one seed intervals are unknown, and not zero") {
  Study study(MakeScenarios({"step"}), {{"slo"}}, {1});
  study.Put({0, 0, 0}, MakeRecord(10, 4));
  const json rows = ToJson(study);
  CHECK(rows[0]["badRequests"]["low"].is_null());
  CHECK(rows[0]["badRequests"]["high"].is_null());
  CHECK(rows[0]["share"]["badRequests"].is_null());
  CHECK(rows[0]["paretoFront"] == true);
  CHECK_FALSE(rows[0].contains("family"));
}

TEST_CASE("study JSON: of a grid, the family and what each is best at") {
  Study study(MakeScenarios({"a"}), {{"hpa", "hpa"}, {"hpa{t=1}", "hpa"}}, {1});
  study.Put({0, 0, 0}, MakeRecord(10, 5));
  study.Put({0, 1, 0}, MakeRecord(20, 4));
  const json rows = ToJson(study);
  CHECK(rows[1]["family"] == "hpa");
  CHECK(rows[0]["bestOfFamily"] == json({"badRequests"}));
  CHECK(rows[1]["bestOfFamily"] == json({"replicaHours"}));
}

TEST_CASE("study JSON: without anything done it is an empty array") {
  CHECK(ToJson(Study(MakeScenarios({"step"}), {{"slo"}}, {1})) == json::array());
}

TEST_CASE("study table: aligned, in %, with the verdict against the first policy") {
  const std::string text = StudyToText(TwoPolicies());
  INFO(text);
  CHECK(text.find("slo      1.50 ±6.35") != std::string::npos);
  CHECK(text.find("hpa-elu  4.50 ±6.35") != std::string::npos);
  CHECK(text.find("+200 % worse") != std::string::npos);
  CHECK(text.find("+25 % worse") != std::string::npos);
  CHECK(text.find("seeds 1-2, ") != std::string::npos);
  CHECK(text.find("Not complete") == std::string::npos);
  CHECK(text.find("Of each grid") == std::string::npos);
}

TEST_CASE("study table: says what is missing") {
  Study study(MakeScenarios({"step", "flat"}), {{"slo"}, {"kpa"}}, {1, 2});
  study.Put({0, 0, 0}, MakeRecord(10, 4));
  const std::string text = StudyToText(study);
  CHECK(text.find("Not complete: 1 of 8 episodes") != std::string::npos);
  CHECK(text.find("flat") == std::string::npos);
  CHECK(text.find("kpa") == std::string::npos);
}

TEST_CASE("study table: of a grid only what is best on an axis") {
  Study study(MakeScenarios({"a"}), {{"slo"}, {"hpa", "hpa"}, {"hpa{t=1}", "hpa"}}, {1});
  study.Put({0, 0, 0}, MakeRecord(10, 5));
  study.Put({0, 1, 0}, MakeRecord(10, 5));
  study.Put({0, 2, 0}, MakeRecord(20, 6));
  const std::string text = StudyToText(study);
  CHECK(text.find("hpa") != std::string::npos);
  CHECK(text.find("t=1") == std::string::npos);
  CHECK(text.find("Of each grid") != std::string::npos);
}

TEST_CASE("score text: what rounds to zero has no sign") {
  CHECK(FixedText(-0.004, 2) == "0.00");
  CHECK(FixedText(-0.006, 2) == "-0.01");
  CHECK(FixedText(0.006, 2) == "0.01");
}

TEST_CASE("study Markdown: a table per scenario, with names that cannot break it") {
  Study study(MakeScenarios({"a|b"}), {{"<i>slo"}}, {1});
  study.Put({0, 0, 0}, MakeRecord(10, 5));
  const std::string text = StudyToMarkdown(study);
  INFO(text);
  CHECK(text.find("\n## a\\|b\n") != std::string::npos);
  CHECK(text.find("| \\<i>slo | 1.00 |") != std::string::npos);
  CHECK(text.find("|:--|--:|") != std::string::npos);
}

}  // namespace
}  // namespace evenkeel
