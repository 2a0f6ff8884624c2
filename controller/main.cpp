#include <iostream>
#include <string>
#include <vector>

#include "controller/runtime/check.hpp"
#include "controller/runtime/options.hpp"
#include "controller/runtime/print_rules.hpp"
#include "controller/runtime/run.hpp"
#include "controller/runtime/simulate.hpp"

int main(int argc, char** argv) {
  using namespace evenkeel;
  const auto line = ParseCommandLine(std::vector<std::string>(argv + 1, argv + argc));
  if (!line) {
    std::cerr << "evenkeel: " << line.error().message << "\n(evenkeel help lists all flags)\n";
    return 2;
  }
  switch (line->subcommand) {
    case Subcommand::kRun:
      return RunController(line->run);
    case Subcommand::kCheck:
      return RunCheck(line->files, line->run, std::cout, std::cerr);
    case Subcommand::kRules:
      return PrintRules(line->rules, std::cout, std::cerr);
    case Subcommand::kSimulate:
      return RunSimulate(line->simulate, std::cout, std::cerr);
    case Subcommand::kVersion:
      std::cout << "evenkeel " << Version() << '\n';
      return 0;
    case Subcommand::kHelp:
      std::cout << line->help;
      return 0;
  }
  return 2;
}
