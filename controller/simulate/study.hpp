// Study: scenarios × policies × seeds, simulated and scored. Pure: who fills it
// (runtime/simulate.hpp) may do so from many threads, in any order, and may stop half-way.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controller/simulate/record.hpp"
#include "controller/simulate/scenario.hpp"
#include "controller/simulate/scores.hpp"
#include "controller/simulate/statistics.hpp"

namespace evenkeel {

struct StudyPolicy {
  std::string name;      // unique within a study
  std::string family{};  // what it is a setting of ("hpa-elu"); empty: of nothing else
  std::string about{};   // one sentence for the report
  bool limit = false;    // an oracle: no rival, and not on the Pareto front
};

class Study {
 public:
  struct Cell {
    std::size_t scenario = 0;  // indices
    std::size_t policy = 0;
    std::size_t seed = 0;
  };

  Study(std::vector<Scenario> scenarios, std::vector<StudyPolicy> policies,
        std::vector<std::uint64_t> seeds);

  [[nodiscard]] const std::vector<Scenario>& scenarios() const { return scenarios_; }
  [[nodiscard]] const std::vector<StudyPolicy>& policies() const { return policies_; }
  [[nodiscard]] const std::vector<std::uint64_t>& seeds() const { return seeds_; }

  // All, seed by seed, so that a study that is stopped has about as many seeds of each.
  [[nodiscard]] std::vector<Cell> Cells() const;

  // Scores the record, and keeps it if it is of the first seed. Different cells may be put at once.
  void Put(const Cell& cell, Record record);

  [[nodiscard]] const std::optional<Scores>& ScoresAt(const Cell& cell) const;
  // Of the first seed; nullptr if it was not put.
  [[nodiscard]] const Record* RecordAt(std::size_t scenario, std::size_t policy) const;
  [[nodiscard]] std::size_t Done() const;  // cells that were put
  [[nodiscard]] bool Complete() const { return Done() == scores_.size(); }

 private:
  [[nodiscard]] std::size_t IndexOf(const Cell& cell) const;

  std::vector<Scenario> scenarios_;
  std::vector<StudyPolicy> policies_;
  std::vector<std::uint64_t> seeds_;
  std::vector<std::optional<Scores>> scores_;
  std::vector<std::optional<Record>> records_;
};

// How a policy did in a scenario, over the seeds that are done.
struct PolicyOutcome {
  std::size_t scenario = 0;  // indices into the study
  std::size_t policy = 0;
  std::vector<std::uint64_t> seeds{};          // at least one
  std::array<Estimate, kScoreCount> scores{};  // in the order of ScoreFields()
  // Against the first policy, on the seeds both have; absent for that one, or without such seeds.
  std::optional<std::array<Difference, kScoreCount>> differences{};
  // Where the mean lies between hpa-elu's (0) and oracle-reactive's (1); above 1 is better than
  // that oracle, below 0 worse than that rival. Absent unless both are there and the oracle is
  // better by at least 1 %.
  std::optional<double> share_of_bad_requests{};
  std::optional<double> share_of_replica_hours{};
  bool on_front = false;  // of (badRequests, replicaHours), among those that are no limits
  // Among the settings of its family in this scenario, the first that is best on that axis.
  bool best_bad_requests = true;
  bool best_replica_hours = true;

  [[nodiscard]] const Estimate& Of(double Scores::* member) const;
};

// Those with at least one seed, by scenario and then policy.
[[nodiscard]] std::vector<PolicyOutcome> OutcomesOf(const Study& study);

// Whether families have several members, of which people are shown the best on each axis.
[[nodiscard]] bool HasGrid(const Study& study);

}  // namespace evenkeel
