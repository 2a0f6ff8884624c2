#include "controller/simulate/telemetry.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace evenkeel {
namespace {

// From the scrape to where a query sees it.
constexpr double kIngestion = 1;

double SecondsOf(TimePoint time) {
  return std::chrono::duration<double>(time - kSimulationBegin).count();
}

double UnixSeconds(double simulated) {
  return std::chrono::duration<double>(kSimulationBegin.time_since_epoch()).count() + simulated;
}

template <class Values>
void FillParts(const Scrapes<Values>& scrapes, double begin, double end, Parts& parts) {
  const double half = (end - begin) / 2;
  if (const auto* newest = scrapes.Newest(end)) {
    parts.time = std::max(parts.time.value_or(0), UnixSeconds(newest->at));
  }
  parts.before = std::max(parts.before, scrapes.Count(begin - half, begin));
  parts.first = std::max(parts.first, scrapes.Count(begin, begin + half));
  parts.second = std::max(parts.second, scrapes.Count(begin + half, end));
}

bool IsOfRequests(const std::string& name) {
  return name == signal::kLatencyP99 || name == signal::kErrorRate ||
         name == signal::kRequestRate || name == signal::kBadRatio;
}

}  // namespace

Telemetry::Telemetry(const Scenario& scenario) : scenario_(scenario) {
  const BucketBounds bounds(scenario.Slo().count());
  for (std::size_t i = 0; i < bounds_.size(); ++i) bounds_[i] = static_cast<double>(bounds.at(i));
}

std::string Telemetry::NameOf(PodIndex pod) { return "pod-" + std::to_string(pod); }

void Telemetry::ScrapeIngress(double at, const Plant& plant) {
  if (down_) return;
  if (!reachable_) return ingress_.MarkStale(at);
  ingress_.Add(at, {plant.IngressCounters(), static_cast<double>(plant.InFlight())});
}

bool Telemetry::ScrapePod(double at, PodIndex pod, Plant& plant) {
  if (down_) return false;
  if (reachable_) {
    plant.Scrape(pod);
  } else {
    pods_[pod].MarkStale(at);
  }
  return reachable_;
}

void Telemetry::Collect(Plant& plant) {
  for (const Plant::ScrapeAnswer& answer : plant.TakeScrapes()) {
    if (reachable_ && !down_) pods_[answer.pod].Add(answer.begun, answer.metrics);
  }
}

void Telemetry::EndScrape(double begun, PodIndex pod) {
  if (down_) return;
  const auto found = pods_.find(pod);
  if (found != pods_.end() && found->second.NewestAt() < begun) found->second.MarkStale(begun);
}

void Telemetry::ForgetPod(double at, PodIndex pod) {
  if (const auto found = pods_.find(pod); found != pods_.end()) found->second.MarkStale(at);
}

Readings Telemetry::Answer(std::span<const Need> needs, std::chrono::seconds window,
                           TimePoint now) const {
  if (!down_) return AnswerOf(needs, window, now);
  Readings readings;
  for (const Need& need : needs) {
    readings[need.signal] = Reading::Unknown(ReadingState::kFailed, "Prometheus does not answer");
  }
  return readings;
}

Readings Telemetry::AnswerOf(std::span<const Need> needs, std::chrono::seconds window,
                             TimePoint then) const {
  const double end = SecondsOf(then) - kIngestion;
  Readings readings;
  for (const Need& need : needs) {
    readings[need.signal] = Read(
        need.signal, {end - static_cast<double>(window.count()), end, {then, window, need.signal}});
  }
  return readings;
}

Reading Telemetry::Read(const std::string& name, Range range) const {
  const auto& missing = scenario_.metrics.missing;
  const bool exported = std::ranges::find(missing, name) == missing.end();
  if (exported && name == signal::kEventLoopUtilization) return ReadPods(true, range);
  if (exported && name == signal::kEventLoopLagP99) return ReadPods(false, range);
  if (exported && name == signal::kInFlight && scenario_.metrics.in_flight) {
    return ReadInFlight(range);
  }
  if (exported && IsOfRequests(name)) return ReadOfRequests(name, range);
  return Reading::Unknown(ReadingState::kNoData, "no series of " + name);
}

Reading Telemetry::ReadInFlight(const Range& range) const {
  Parts parts;
  if (const auto* newest = ingress_.Newest(range.end)) {
    parts.value = newest->values.in_flight;
    parts.time = UnixSeconds(newest->at);
  }
  return JudgeGauge(parts, range.context);
}

Reading Telemetry::ReadPods(bool utilization, const Range& range) const {
  PodParts pods;
  for (const auto& [index, scrapes] : pods_) {
    const auto* newest = scrapes.Newest(range.end);
    if (newest == nullptr) continue;
    Parts& parts = pods[NameOf(index)];
    FillParts(scrapes, range.begin, range.end, parts);
    if (!utilization) {
      parts.value = newest->values.lag;
      continue;
    }
    parts.value =
        scrapes.LastRate(range.begin, range.end, [](const Plant::Metrics& v) { return v.busy; });
    if (parts.value) parts.value = std::min(*parts.value, 1.0);
  }
  return JudgePods(pods, utilization, range.context);
}

template <class Get>
std::optional<double> Telemetry::SumOfRates(const Range& range, const Get& get) const {
  const auto of = [&](const auto& values) { return static_cast<double>(get(values.counters)); };
  if (scenario_.metrics.latency_from == LatencySource::kIngress) {
    return ingress_.Rate(range.begin, range.end, of);
  }
  std::optional<double> sum;
  for (const auto& [index, scrapes] : pods_) {
    const auto rate = scrapes.Rate(range.begin, range.end, of);
    if (rate) sum = sum.value_or(0) + *rate;
  }
  return sum;
}

Parts Telemetry::Traffic(const Range& range) const {
  Parts parts;
  if (scenario_.metrics.latency_from == LatencySource::kIngress) {
    FillParts(ingress_, range.begin, range.end, parts);
  } else {
    for (const auto& [index, scrapes] : pods_) {
      FillParts(scrapes, range.begin, range.end, parts);
    }
  }
  parts.value = SumOfRates(range, [](const RequestCounters& c) { return c.requests; });
  parts.failed = SumOfRates(range, [](const RequestCounters& c) { return c.failed; });
  return parts;
}

Reading Telemetry::ReadOfRequests(const std::string& name, const Range& range) const {
  const Parts traffic = Traffic(range);
  if (name == signal::kRequestRate) return JudgeRate(traffic, range.context);
  std::optional<double> value;
  if (name == signal::kLatencyP99) value = LatencyP99(range);
  if (name == signal::kBadRatio) value = BadRatio(range);
  if (name == signal::kErrorRate && traffic.value.value_or(0) > 0) {
    value = traffic.failed.value_or(0) / *traffic.value;
  }
  Reading reading = JudgeOfRequests(value, traffic, range.context);
  reading.at_least =
      name == signal::kLatencyP99 && reading.HasValue() && reading.value >= bounds_.back();
  return reading;
}

std::array<double, kBuckets> Telemetry::BucketRates(const Range& range) const {
  std::array<double, kBuckets> rates{};
  for (std::size_t i = 0; i < kBuckets; ++i) {
    rates[i] =
        SumOfRates(range, [i](const RequestCounters& c) { return c.buckets[i]; }).value_or(0);
  }
  return rates;
}

std::optional<double> Telemetry::LatencyP99(const Range& range) const {
  return HistogramQuantile(0.99, BucketRates(range), bounds_);
}

std::optional<double> Telemetry::BadRatio(const Range& range) const {
  const std::array<double, kBuckets> rates = BucketRates(range);
  double all = 0;
  double within = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    all += rates[i];
    if (i < bounds_.size() && bounds_[i] <= scenario_.Slo().count() + 1e-6) within += rates[i];
  }
  if (!(all > 0)) return std::nullopt;
  return std::max(1 - within / all, 0.0);
}

}  // namespace evenkeel
