// A page of metrics from tests/exporters/recorded, as an exporter that goes on serving it: what was
// counted in the page's seconds (its line "# SECONDS s") is counted again in as many seconds.
#pragma once

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/source_dir.hpp"

namespace evenkeel::test {

class Recording {
 public:
  explicit Recording(const std::string& name) {
    const auto path = std::filesystem::path(SourceDir()) / "tests/exporters/recorded" / name;
    std::ifstream file(path.string() + ".prom");
    for (std::string line; std::getline(file, line);) Read(line);
    if (lines_.empty() || seconds_ <= 0) FAIL(path.string() + ".prom is no recording");
  }

  [[nodiscard]] std::string operator()(std::chrono::duration<double> since) const {
    std::string page;
    for (const Line& line : lines_) {
      page += line.text;
      if (!line.is_sample) {
        page += '\n';
        continue;
      }
      char value[40];
      const double grown = line.grows ? 1 + since.count() / seconds_ : 1;
      std::snprintf(value, sizeof value, " %.9g\n", line.value * grown);
      page += value;
    }
    return page;
  }

 private:
  struct Line {
    std::string text;  // of a sample: the series
    bool is_sample = false;
    double value = 0;
    bool grows = false;
  };

  void Read(const std::string& line) {
    const std::string seconds = "# SECONDS ";
    const std::string type = "# TYPE ";
    if (line.starts_with(seconds)) seconds_ = std::stod(line.substr(seconds.size()));
    if (line.starts_with(type)) {
      const std::size_t end = line.find(' ', type.size());
      if (line.substr(end + 1) != "gauge")
        growing_.insert(line.substr(type.size(), end - type.size()));
    }
    if (line.starts_with("#")) return lines_.push_back({line});
    const std::size_t end = line.rfind(' ');
    lines_.push_back({line.substr(0, end), true, std::stod(line.substr(end + 1)), Grows(line)});
  }

  // Counters, and the buckets, sums and counts of histograms.
  [[nodiscard]] bool Grows(const std::string& line) const {
    const std::string name = line.substr(0, line.find_first_of("{ "));
    if (growing_.contains(name)) return true;
    const std::size_t suffix = name.rfind('_');
    const std::set<std::string> parts = {"_bucket", "_sum", "_count"};
    return suffix != std::string::npos && parts.contains(name.substr(suffix)) &&
           growing_.contains(name.substr(0, suffix));
  }

  std::vector<Line> lines_;
  std::set<std::string> growing_;
  double seconds_ = 0;
};

}  // namespace evenkeel::test
