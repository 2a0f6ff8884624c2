#include "controller/runtime/simulate.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <ostream>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "controller/core/time_format.hpp"
#include "controller/runtime/entrants.hpp"
#include "controller/runtime/episodes.hpp"
#include "controller/runtime/interrupt.hpp"
#include "controller/runtime/scenario_file.hpp"
#include "controller/simulate/episode.hpp"
#include "controller/simulate/record_format.hpp"
#include "controller/simulate/study.hpp"
#include "controller/simulate/study_format.hpp"
#include "controller/simulate/study_html.hpp"

namespace evenkeel {
namespace {

constexpr int kReportFailed = 1;
constexpr int kBadInput = 2;
constexpr int kInterrupted = 130;  // 128 + SIGINT, as the shell has it

using Clock = std::chrono::steady_clock;

Result<std::vector<Scenario>> ReadScenarios(const std::vector<std::string>& files) {
  const char* traces = std::getenv("EVENKEEL_TRACES");
  std::vector<Scenario> scenarios;
  std::string faults;
  const auto complain = [&](const std::string& fault) {
    faults += (faults.empty() ? "" : "\n") + fault;
  };
  for (const std::string& file : files) {
    Result<Scenario> scenario = LoadScenario(file, traces != nullptr ? traces : "");
    if (!scenario) {
      complain(scenario.error().message);
    } else if (std::ranges::find(scenarios, scenario->name, &Scenario::name) != scenarios.end()) {
      complain(file + ": name: another scenario is named \"" + scenario->name + "\"");
    } else {
      scenarios.push_back(*std::move(scenario));
    }
  }
  if (!faults.empty()) return Invalid(std::move(faults));
  return scenarios;
}

// Shown over and over in one line of a terminal, elsewhere in a line every ten seconds.
class ProgressLine {
 public:
  explicit ProgressLine(std::ostream& err)
      : err_(err), terminal_(::isatty(STDERR_FILENO) == 1), shown_(Clock::now()) {}

  void Show(const std::string& text) {
    if (terminal_) {
      err_ << '\r' << text << "\x1b[K" << std::flush;
    } else if (Clock::now() - shown_ >= std::chrono::seconds(10)) {
      shown_ = Clock::now();
      err_ << text << std::endl;
    }
  }

  // The last word, which stays.
  void End(const std::string& text) {
    err_ << (terminal_ ? "\r" : "") << text << (terminal_ ? "\x1b[K" : "") << std::endl;
  }

 private:
  std::ostream& err_;
  const bool terminal_;
  Clock::time_point shown_;
};

unsigned ThreadsOf(const SimulateOptions& options) {
  if (options.threads > 0) return static_cast<unsigned>(options.threads);
  return std::max(1U, std::thread::hardware_concurrency());
}

// Fills a study on all threads.
class Simulation {
 public:
  Simulation(Study& study, const std::vector<Entrant>& entrants, const SimulateOptions& options,
             const std::atomic<bool>& stop, ProgressLine& line)
      : study_(study),
        entrants_(entrants),
        threads_(ThreadsOf(options)),
        keeps_timelines_(!options.timeline.empty()),
        stop_(stop),
        line_(line) {}

  void Run() {
    FindLimits();
    const std::vector<Study::Cell> cells = study_.Cells();
    timelines_.resize(cells.size());
    const Clock::time_point begin = Clock::now();
    const auto progress = [&] {
      return FormatProgress({done_, cells.size(), requests_, Clock::now() - begin});
    };
    RunTasks(
        cells.size(), threads_, stop_, [&](std::size_t i) { RunCell(cells[i], timelines_[i]); },
        [&] { line_.Show(progress()); });
    line_.End(progress());
  }

  // A line for each episode that is done, where the options ask for them.
  [[nodiscard]] std::string Timelines() const {
    std::string text;
    for (const std::string& timeline : timelines_) text += timeline;
    return text;
  }

 private:
  void FindLimits() {
    limits_.resize(study_.scenarios().size());
    std::atomic<std::size_t> found{0};
    RunTasks(
        limits_.size(), threads_, stop_,
        [&](std::size_t i) {
          limits_[i] = MaxUtilization(study_.scenarios()[i]);
          ++found;
        },
        [&] {
          line_.Show(
              "finding the highest utilization that meets the objective: " + std::to_string(found) +
              " of " + std::to_string(limits_.size()) + " scenarios");
        });
  }

  // An episode that is broken off counts for nothing.
  void RunCell(const Study::Cell& cell, std::string& timeline) {
    Record record = Simulate(study_.scenarios()[cell.scenario], limits_[cell.scenario],
                             entrants_[cell.policy].kind, study_.seeds()[cell.seed],
                             [&](SimSeconds) { return !stop_; });
    if (stop_) return;
    requests_ += record.requests;
    if (keeps_timelines_) timeline = RecordToJsonLine(record) + "\n";
    study_.Put(cell, std::move(record));
    ++done_;
  }

  Study& study_;
  const std::vector<Entrant>& entrants_;
  const unsigned threads_;
  const bool keeps_timelines_;
  const std::atomic<bool>& stop_;
  ProgressLine& line_;
  std::vector<double> limits_;          // by scenario: MaxUtilization
  std::vector<std::string> timelines_;  // by cell
  std::atomic<std::size_t> done_{0};
  std::atomic<std::uint64_t> requests_{0};
};

Study StudyOf(std::vector<Scenario> scenarios, const std::vector<Entrant>& entrants,
              const SimulateOptions& options) {
  std::vector<StudyPolicy> policies;
  for (const Entrant& entrant : entrants) policies.push_back(entrant.policy);
  std::vector<std::uint64_t> seeds;
  for (std::uint64_t seed = options.first_seed; seeds.empty() || seeds.back() < options.last_seed;
       ++seed) {
    seeds.push_back(seed);
  }
  return {std::move(scenarios), std::move(policies), std::move(seeds)};
}

std::string ReportOf(const Study& study, const std::string& file) {
  if (file.ends_with(".html")) return StudyToHtml(study);
  if (file.ends_with(".md")) return StudyToMarkdown(study);
  return StudyToJson(study).dump(1) + "\n";
}

bool WriteFile(std::string_view flag, const std::string& file, const std::string& text,
               std::ostream& err) {
  std::ofstream stream(file, std::ios::binary);
  stream << text << std::flush;
  if (stream) return true;
  err << "evenkeel: " << flag << ": " << file << ": "
      << std::error_code(errno, std::generic_category()).message() << "\n";
  return false;
}

bool WriteReports(const Study& study, const std::vector<std::string>& files, std::ostream& err) {
  bool written = true;
  for (const std::string& file : files) {
    written = WriteFile("--report", file, ReportOf(study, file), err) && written;
  }
  return written;
}

int Refuse(const Error& error, std::ostream& err) {
  err << "evenkeel: " << error.message << "\n";
  return kBadInput;
}

}  // namespace

int RunSimulate(const SimulateOptions& options, std::ostream& out, std::ostream& err) {
  auto scenarios = ReadScenarios(options.scenarios);
  if (!scenarios) return Refuse(scenarios.error(), err);
  const auto entrants = FindEntrants(options);
  if (!entrants) return Refuse(entrants.error(), err);
  Study study = StudyOf(*std::move(scenarios), *entrants, options);
  const Interrupt interrupt;
  ProgressLine line(err);
  Simulation simulation(study, *entrants, options, interrupt.stop(), line);
  simulation.Run();
  out << (options.json ? StudyToJson(study).dump(1) + "\n" : StudyToText(study)) << std::flush;
  bool written = WriteReports(study, options.reports, err);
  if (!options.timeline.empty()) {
    written = WriteFile("--timeline", options.timeline, simulation.Timelines(), err) && written;
  }
  if (!study.Complete()) return kInterrupted;
  return written ? 0 : kReportFailed;
}

}  // namespace evenkeel
