#include "controller/simulate/study_html.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/simulate/plot_axis.hpp"
#include "controller/simulate/study_html_style.hpp"
#include "studies.hpp"
#include "support/catch.hpp"

namespace evenkeel {
namespace {

using test::MakeRecord;
using test::MakeScenarios;

bool Has(const std::string& html, std::string_view part) {
  return html.find(part) != std::string::npos;
}

std::size_t Count(const std::string& html, std::string_view part) {
  std::size_t count = 0;
  for (auto at = html.find(part); at != std::string::npos; at = html.find(part, at + 1)) ++count;
  return count;
}

// The first fault of the markup: what is not closed, is closed by another, or has an & or < that
// begins nothing. Empty: it is well-formed.
std::string FaultOf(const std::string& html) {
  std::vector<std::string> open;
  for (auto at = html.find_first_of("<&"); at != std::string::npos;
       at = html.find_first_of("<&", at + 1)) {
    const std::string near = html.substr(at, 40);
    if (html[at] == '&') {
      const std::string name = html.substr(at, html.find(';', at) - at + 1);
      const std::set<std::string> known{"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
      if (!known.contains(name)) return near;
      continue;
    }
    const std::string tag = html.substr(at + 1, html.find('>', at) - at - 1);
    if (tag.starts_with('!') || tag.ends_with('/')) continue;
    const bool closes = tag.starts_with('/');
    const std::string name =
        tag.substr(closes ? 1 : 0, tag.find_first_of(" \n") - (closes ? 1 : 0));
    if (std::ranges::count(tag, '"') % 2 != 0 || name.empty()) return near;
    if (!closes) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return near;
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back() + " is not closed";
}

Study TwoPolicies() {
  Study study(MakeScenarios({"step"}), {{"slo"}, {"kpa"}, {"oracle-reactive", {}, {}, true}},
              {1, 2});
  for (std::size_t seed = 0; seed < 2; ++seed) {
    study.Put({0, 0, seed}, MakeRecord(10 + static_cast<std::uint32_t>(seed), 4));
    study.Put({0, 1, seed}, MakeRecord(90 + static_cast<std::uint32_t>(seed), 5));
    study.Put({0, 2, seed}, MakeRecord(1, 3));
  }
  return study;
}

// Where the level line of a policy lies in the panel of the replicas.
double ReplicasHeight(const std::string& html, const std::string& policy) {
  const std::string begin = "<title>" + policy + "</title><path d=\"M52,";
  const auto at = html.find(begin, html.find("Replicas asked for"));
  REQUIRE(at != std::string::npos);
  std::size_t length = 0;
  const std::string path = html.substr(at + begin.size(), 20);
  const double height = std::stod(path, &length);
  CHECK(path.substr(length, 6) == "H431\"/");
  return height;
}

TEST_CASE("study page: well-formed, and complete in itself") {
  const std::string html = StudyToHtml(TwoPolicies());
  CHECK(FaultOf(html).empty());
  for (const char* loads : {"src=", "href=", "url(", "@import", "fetch("}) {
    INFO(loads);
    CHECK_FALSE(Has(html, loads));
  }
  CHECK_FALSE(Has(html, "class=\"missing\""));
}

TEST_CASE("study page: the scores of the other reports, with their verdicts") {
  const std::string html = StudyToHtml(TwoPolicies());
  CHECK(Has(html, "<h2>step</h2>"));
  CHECK(Has(html, "<th class=\"p1\">kpa</th><td>9.05 ±0.64</td>"));
  CHECK(Has(html, "<td class=\"worse\">+762 % worse</td>"));
  CHECK(Has(html, "<td>limit</td>"));
  CHECK(Has(html, "seeds 1-2, mean"));
}

TEST_CASE("study page: several scenarios are shown at a glance") {
  CHECK_FALSE(Has(StudyToHtml(TwoPolicies()), "At a glance"));
  Study study(MakeScenarios({"step", "ramp"}), {{"slo"}, {"kpa", "kpa"}, {"kpa{target=2}", "kpa"}},
              {1});
  for (std::size_t policy = 0; policy < 3; ++policy) {
    study.Put({0, policy, 0}, MakeRecord(10 + static_cast<std::uint32_t>(policy), 4));
  }
  study.Put({1, 0, 0}, MakeRecord(0, 5));
  const std::string html = StudyToHtml(study);
  CHECK(FaultOf(html).empty());
  CHECK(Has(html, "<th>scenario</th><th class=\"p0\">slo</th><th class=\"p1\">kpa</th></tr>"));
  CHECK(Has(html, "<tr><th>step</th><td class=\"front\">1.00 / 4.0</td><td>1.10 / 4.0</td></tr>"));
  CHECK(Has(html, "<tr><th>ramp</th><td class=\"front\">0.00 / 5.0</td><td></td></tr>"));
}

TEST_CASE("study page: a curve per policy and panel says what the record says") {
  const std::string html = StudyToHtml(TwoPolicies());
  // P99, utilization, replicas.
  for (const char* policy : {"0", "1", "2"}) {
    CHECK(Count(html, "\" data-p=\"" + std::string(policy) + "\"><title>") == 3);
  }
  CHECK(Count(html, "<path class=\"load\"") == 1);
  CHECK(Count(html, "<path class=\"needed\"") == 1);
  CHECK(Has(html, "objective 250ms"));
  // From 0 to 1 h of 2 h, on an axis from 0 to 5 % above the greatest, which is 5.
  const PlotAxis replicas = PlotAxis::Linear(0, 5.25, 170, 0);
  const double apart = replicas.At(4) - replicas.At(5);
  const double slo = ReplicasHeight(html, "slo");
  CHECK(slo - ReplicasHeight(html, "kpa") == Approx(apart).margin(0.1));
  CHECK(ReplicasHeight(html, "oracle-reactive") - slo == Approx(apart).margin(0.1));
}

TEST_CASE("study page: a window without requests is a gap") {
  Study study(MakeScenarios({"step"}), {{"slo"}}, {1});
  Record record = MakeRecord(0, 4);
  record.windows.assign(30, record.windows.front());
  record.windows[10].requests = 0;
  study.Put({0, 0, 0}, std::move(record));
  const std::string html = StudyToHtml(study);
  const auto p99 = html.find("<path d=\"", html.find("P99 at the client"));
  REQUIRE(p99 != std::string::npos);
  const std::string path = html.substr(p99, html.find("/>", p99) - p99);
  CHECK(Count(path, "M") == 2);
  CHECK(Count(path, "L") == 27);
}

TEST_CASE("study page: the Pareto plot tells the front, what is behind it, and limits") {
  const std::string html = StudyToHtml(TwoPolicies());
  CHECK(Count(html, "<circle class=\"on-front\"") == 1);
  CHECK(Count(html, "<circle class=\"behind\"") == 1);
  CHECK(Count(html, "<rect class=\"limit\"") == 1);
  CHECK(Count(html, "<path class=\"front\"") == 1);
  CHECK(Has(html, "kpa: 9.05 % bad requests, 5 replica hours"));
}

TEST_CASE("study page: of many policies those are visible that people ask for first") {
  std::vector<StudyPolicy> policies;
  for (const char* name : {"mine", "static", "aws", "holt", "pid"}) policies.push_back({name});
  policies.push_back({"hpa-elu{target=0.5}", "hpa-elu"});
  policies.push_back({"kpa"});
  Study study(MakeScenarios({"step"}), policies, {1});
  for (std::size_t i = 0; i < policies.size(); ++i) study.Put({0, i, 0}, MakeRecord(5, 4));
  const std::string html = StudyToHtml(study);
  for (const char* visible : {"0", "5", "6"}) {
    INFO(visible);
    CHECK(Has(html, "<g class=\"curve p" + std::string(visible) + "\""));
  }
  for (const char* hidden : {"1", "2", "3", "4"}) {
    CHECK(Has(html, "<g class=\"curve p" + std::string(hidden) + " off\""));
  }
  CHECK(Count(html, "checked=\"checked\"") == 3);
  CHECK(Count(html, "<input ") == 7);
}

TEST_CASE("study page: hostile names are text") {
  const std::string hostile = "<script>alert(\"1\" && '2')</script>";
  std::vector<Scenario> scenarios = MakeScenarios({hostile});
  scenarios[0].about = hostile;
  Study study(std::move(scenarios), {{hostile, {}, hostile}, {"</style>"}}, {1});
  study.Put({0, 0, 0}, MakeRecord(10, 5));
  study.Put({0, 1, 0}, MakeRecord(10, 5));
  const std::string html = StudyToHtml(study);
  CHECK(FaultOf(html).empty());
  CHECK_FALSE(Has(html, "<script>alert"));
  CHECK(Count(html, "</style>") == 1);
  CHECK(Has(html,
            "<h2>&lt;script&gt;alert(&quot;1&quot; &amp;&amp; &#39;2&#39;)&lt;/script&gt;</h2>"));
}

TEST_CASE("study page: says what is missing, and does not draw it") {
  Study study(MakeScenarios({"step", "flat"}), {{"slo"}, {"kpa"}}, {1, 2});
  study.Put({0, 0, 0}, MakeRecord(10, 4));
  const std::string html = StudyToHtml(study);
  CHECK(FaultOf(html).empty());
  CHECK(Has(html, "Not complete: 1 of 8 episodes."));
  CHECK(Has(html, "Not all seeds were simulated: slo (1 of 2), kpa (0 of 2)."));
  CHECK(Has(html, "Not all seeds were simulated: slo (0 of 2), kpa (0 of 2)."));
  CHECK(Has(html, "<h2>flat</h2>"));
  CHECK(Count(html, "<svg class=\"panels\"") == 1);
  CHECK(Count(html, "<table>") == 1);
  CHECK_FALSE(Has(html, "data-p=\"1\""));
}

TEST_CASE("study page: scores without the seed of the curves") {
  Study study(MakeScenarios({"step"}), {{"slo"}}, {1, 2});
  study.Put({0, 0, 1}, MakeRecord(10, 4));
  const std::string html = StudyToHtml(study);
  CHECK(Has(html, "slo (1 of 2, not the one of the curves)."));
  CHECK_FALSE(Has(html, "<svg class=\"panels\""));
  CHECK(Has(html, "<td>1.00</td>"));
}

TEST_CASE("study page: no two policies of 32 look the same") {
  std::set<std::string> looks;
  const std::string css = PolicyCss(32);
  for (auto at = css.find('{'); at != std::string::npos; at = css.find('{', at + 1)) {
    looks.insert(css.substr(at, css.find('}', at) - at));
  }
  CHECK(looks.size() == 32);
}

}  // namespace
}  // namespace evenkeel
