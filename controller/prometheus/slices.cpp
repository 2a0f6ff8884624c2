#include "controller/prometheus/slices.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

namespace evenkeel {
namespace {

Series Between(const Series& samples, TimePoint first, TimePoint last) {
  const auto begin = std::ranges::lower_bound(samples, first, {}, &Sample::time);
  const auto end = std::ranges::upper_bound(samples, last, {}, &Sample::time);
  return {begin, end};
}

// A series without a sample at an instant is none of that instant's answer.
std::vector<ResultSeries> SeriesBetween(const std::vector<ResultSeries>& all, TimePoint first,
                                        TimePoint last) {
  std::vector<ResultSeries> some;
  for (const ResultSeries& series : all) {
    Series samples = Between(series.samples, first, last);
    if (samples.empty()) continue;
    some.push_back({series.labels, std::move(samples), series.native_histogram});
  }
  return some;
}

}  // namespace

Slices::Slices(std::vector<Answer> answers) : answers_(std::move(answers)) {
  for (Answer& answer : answers_) {
    series_.emplace_back();
    if (!answer.result) continue;
    if (answer.result->type != ResultType::kMatrix) {
      answer.result =
          Error{ErrorKind::kMalformed,
                "a range query is answered with a " + std::string(ToString(answer.result->type)),
                {}};
      continue;
    }
    series_.back() = std::move(answer.result->series);
  }
}

std::span<const Answer> Slices::At(TimePoint time) {
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    Answer& answer = answers_[i];
    if (!answer.result) continue;
    const bool range = answer.query.look_back > std::chrono::seconds{0};
    answer.result->type = range ? ResultType::kMatrix : ResultType::kVector;
    answer.result->series = SeriesBetween(series_[i], time - answer.query.look_back, time);
  }
  return answers_;
}

}  // namespace evenkeel
