#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/core/spec_values.hpp"
#include "controller/simulate/scenario_parts.hpp"

namespace evenkeel {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::size_t kMostPoints = 1000;

constexpr TextRule kPath{&IsNotBlank, 4096, "must be the path of a file"};
constexpr DurationRule kStep{seconds{1}, hours{1},
                             "must be a duration with a unit, from 1s to 1h, e.g. \"60s\""};
constexpr NumberRule kRate{0, 1e6, "must be requests per second, from 0 to 1000000"};
constexpr NumberRule kScale{1e-6, 1e6, "must be from 0.000001 to 1000000"};
constexpr NumberRule kSigma{0, 2, "must be from 0 to 2"};
constexpr NumberRule kRho{0, 0.9999, "must be from 0 to 0.9999"};
constexpr IntegerRule kRetries{0, 10, "must be between 0 and 10"};

std::optional<RatePoint> ReadPoint(SpecObject& points, const std::string& index) {
  std::optional<RatePoint> read;
  points.Require(index);
  points.Items(index, 2, [&](SpecObject& point, std::size_t) {
    point.Require("[0]");
    point.Require("[1]");
    const auto at = point.Duration("[0]", kSimTime);
    const auto rate = point.Number("[1]", kRate);
    if (at && rate) read = RatePoint{*at, *rate};
  });
  return read;
}

std::vector<RatePoint> ReadRate(SpecObject& arrivals) {
  std::vector<RatePoint> read;
  arrivals.Items("rate", kMostPoints, [&](SpecObject& points, std::size_t size) {
    if (size == 0) arrivals.Fail("rate", "must have at least one point, e.g. [[\"0s\", 400]]");
    for (std::size_t i = 0; i < size; ++i) {
      const std::string index = "[" + std::to_string(i) + "]";
      const auto point = ReadPoint(points, index);
      if (!point) continue;
      if (!read.empty() && point->at < read.back().at) {
        points.Fail(index, "must not be earlier than the point before it");
      }
      read.push_back(*point);
    }
  });
  return read;
}

void ReadTrace(SpecObject& arrivals, const TraceReader& reader, Arrivals& read) {
  const auto file = arrivals.Text("file", kPath);
  Set(read.step, arrivals.Duration("step", kStep));
  const double scale = arrivals.Number("scale", kScale).value_or(1);
  if (!file) return;
  const Result<std::string> text = reader(*file);
  const auto trace = text ? ParseTrace(*text) : Result<std::vector<double>>(text.error());
  if (!trace) return arrivals.Fail("file", trace.error().message, *file);
  for (const double rate : *trace) read.table.push_back(rate * scale);
}

void RequireOneSource(SpecObject& arrivals) {
  const bool rate = arrivals.Find("rate") != nullptr;
  const bool file = arrivals.Find("file") != nullptr;
  if (rate && file) arrivals.Fail("file", "rate and file exclude each other");
  if (!rate && !file) arrivals.Fail("rate", "give the rate here, or a trace in file");
  for (const std::string_view name : {"step", "scale"}) {
    if (!file && arrivals.Find(name) != nullptr) arrivals.Fail(name, "belongs to a file");
  }
}

}  // namespace

Arrivals ReadArrivals(SpecObject& scenario, const TraceReader& reader) {
  Arrivals read;
  scenario.Require("arrivals");
  scenario.Object("arrivals", [&](SpecObject& arrivals) {
    RequireOneSource(arrivals);
    read.rate = ReadRate(arrivals);
    ReadTrace(arrivals, reader, read);
    arrivals.Object("noise", [&](SpecObject& noise) {
      Set(read.noise.sigma, noise.Number("sigma", kSigma));
      Set(read.noise.rho, noise.Number("rho", kRho));
    });
    Set(read.retries, arrivals.Integer("retries", kRetries));
  });
  return read;
}

}  // namespace evenkeel
