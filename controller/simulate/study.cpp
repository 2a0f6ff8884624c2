#include "controller/simulate/study.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace evenkeel {
namespace {

constexpr std::string_view kShareZero = "hpa-elu";
constexpr std::string_view kShareOne = "oracle-reactive";
constexpr double kLeastGap = 0.01;  // relative; between less, a share would be noise

std::size_t FieldOf(double Scores::* member) {
  const auto& fields = ScoreFields();
  const auto found = std::ranges::find(fields, member, &ScoreField::member);
  return static_cast<std::size_t>(found - fields.begin());
}

const std::string& FamilyOf(const StudyPolicy& policy) {
  return policy.family.empty() ? policy.name : policy.family;
}

// What a policy scored in a field, by seed: of those seeds in which `other` is done as well.
std::vector<double> ValuesOf(const Study& study, std::size_t scenario, std::size_t policy,
                             std::size_t other, double Scores::* member) {
  std::vector<double> values;
  for (std::size_t seed = 0; seed < study.seeds().size(); ++seed) {
    const auto& scores = study.ScoresAt({scenario, policy, seed});
    if (scores && study.ScoresAt({scenario, other, seed})) values.push_back((*scores).*member);
  }
  return values;
}

std::optional<PolicyOutcome> Alone(const Study& study, std::size_t scenario, std::size_t policy) {
  PolicyOutcome outcome{.scenario = scenario, .policy = policy};
  for (std::size_t seed = 0; seed < study.seeds().size(); ++seed) {
    if (study.ScoresAt({scenario, policy, seed})) outcome.seeds.push_back(study.seeds()[seed]);
  }
  if (outcome.seeds.empty()) return std::nullopt;
  for (std::size_t field = 0; field < kScoreCount; ++field) {
    outcome.scores[field] =
        EstimateOf(ValuesOf(study, scenario, policy, policy, ScoreFields()[field].member));
  }
  return outcome;
}

void Compare(const Study& study, PolicyOutcome& outcome) {
  if (outcome.policy == 0) return;
  std::array<Difference, kScoreCount> differences;
  for (std::size_t field = 0; field < kScoreCount; ++field) {
    const auto member = ScoreFields()[field].member;
    const auto ours = ValuesOf(study, outcome.scenario, outcome.policy, 0, member);
    const auto theirs = ValuesOf(study, outcome.scenario, 0, outcome.policy, member);
    if (ours.empty()) return;
    differences[field] = DifferenceOf(ours, theirs);
  }
  outcome.differences = differences;
}

std::optional<double> ShareOf(const PolicyOutcome& outcome, const PolicyOutcome& zero,
                              const PolicyOutcome& one, double Scores::* member) {
  const double from = zero.Of(member).mean;
  const double gap = from - one.Of(member).mean;
  if (gap <= kLeastGap * from) return std::nullopt;
  return (from - outcome.Of(member).mean) / gap;
}

using Outcomes = std::vector<PolicyOutcome>;

void AddShares(const Study& study, Outcomes& outcomes) {
  const auto named = [&](std::string_view name) {
    return std::ranges::find_if(outcomes, [&](const PolicyOutcome& outcome) {
      return study.policies()[outcome.policy].name == name;
    });
  };
  const auto zero = named(kShareZero);
  const auto one = named(kShareOne);
  if (zero == outcomes.end() || one == outcomes.end()) return;
  for (PolicyOutcome& outcome : outcomes) {
    outcome.share_of_bad_requests = ShareOf(outcome, *zero, *one, &Scores::bad_requests);
    outcome.share_of_replica_hours = ShareOf(outcome, *zero, *one, &Scores::replica_hours);
  }
}

void AddFront(const Study& study, Outcomes& outcomes) {
  std::vector<PolicyOutcome*> rivals;
  std::vector<PlanePoint> points;
  for (PolicyOutcome& outcome : outcomes) {
    if (study.policies()[outcome.policy].limit) continue;
    rivals.push_back(&outcome);
    points.push_back(
        {outcome.Of(&Scores::bad_requests).mean, outcome.Of(&Scores::replica_hours).mean});
  }
  const std::vector<bool> front = OnParetoFront(points);
  for (std::size_t i = 0; i < rivals.size(); ++i) rivals[i]->on_front = front[i];
}

bool IsBestOfFamily(const Study& study, const Outcomes& outcomes, std::size_t index,
                    double Scores::* member) {
  const auto family = [&](std::size_t i) -> const std::string& {
    return FamilyOf(study.policies()[outcomes[i].policy]);
  };
  const double ours = outcomes[index].Of(member).mean;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const double theirs = outcomes[i].Of(member).mean;
    const bool ahead = theirs < ours || (theirs == ours && i < index);
    if (ahead && family(i) == family(index)) return false;
  }
  return true;
}

Outcomes OutcomesIn(const Study& study, std::size_t scenario) {
  Outcomes outcomes;
  for (std::size_t policy = 0; policy < study.policies().size(); ++policy) {
    auto outcome = Alone(study, scenario, policy);
    if (!outcome) continue;
    Compare(study, *outcome);
    outcomes.push_back(*std::move(outcome));
  }
  AddShares(study, outcomes);
  AddFront(study, outcomes);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    outcomes[i].best_bad_requests = IsBestOfFamily(study, outcomes, i, &Scores::bad_requests);
    outcomes[i].best_replica_hours = IsBestOfFamily(study, outcomes, i, &Scores::replica_hours);
  }
  return outcomes;
}

}  // namespace

Study::Study(std::vector<Scenario> scenarios, std::vector<StudyPolicy> policies,
             std::vector<std::uint64_t> seeds)
    : scenarios_(std::move(scenarios)),
      policies_(std::move(policies)),
      seeds_(std::move(seeds)),
      scores_(scenarios_.size() * policies_.size() * seeds_.size()),
      records_(scenarios_.size() * policies_.size()) {}

std::vector<Study::Cell> Study::Cells() const {
  std::vector<Cell> cells;
  cells.reserve(scores_.size());
  for (std::size_t seed = 0; seed < seeds_.size(); ++seed) {
    for (std::size_t scenario = 0; scenario < scenarios_.size(); ++scenario) {
      for (std::size_t policy = 0; policy < policies_.size(); ++policy) {
        cells.push_back({scenario, policy, seed});
      }
    }
  }
  return cells;
}

std::size_t Study::IndexOf(const Cell& cell) const {
  return (cell.scenario * policies_.size() + cell.policy) * seeds_.size() + cell.seed;
}

void Study::Put(const Cell& cell, Record record) {
  scores_[IndexOf(cell)] = ScoreOf(record);
  if (cell.seed == 0) records_[cell.scenario * policies_.size() + cell.policy] = std::move(record);
}

const std::optional<Scores>& Study::ScoresAt(const Cell& cell) const {
  return scores_[IndexOf(cell)];
}

const Record* Study::RecordAt(std::size_t scenario, std::size_t policy) const {
  const std::optional<Record>& record = records_[scenario * policies_.size() + policy];
  return record ? &*record : nullptr;
}

std::size_t Study::Done() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(scores_, [](const auto& scores) { return scores.has_value(); }));
}

const Estimate& PolicyOutcome::Of(double Scores::* member) const { return scores[FieldOf(member)]; }

std::vector<PolicyOutcome> OutcomesOf(const Study& study) {
  Outcomes all;
  for (std::size_t scenario = 0; scenario < study.scenarios().size(); ++scenario) {
    for (PolicyOutcome& outcome : OutcomesIn(study, scenario)) all.push_back(std::move(outcome));
  }
  return all;
}

bool HasGrid(const Study& study) {
  std::vector<std::string> families;
  for (const StudyPolicy& policy : study.policies()) families.push_back(FamilyOf(policy));
  std::ranges::sort(families);
  return std::ranges::adjacent_find(families) != families.end();
}

}  // namespace evenkeel
