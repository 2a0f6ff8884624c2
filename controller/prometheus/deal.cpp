// Deal: answers of grouped queries, dealt out to the policies by label values and judged.
#include <chrono>
#include <cmath>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controller/prometheus/judge.hpp"
#include "controller/prometheus/planner.hpp"
#include "controller/prometheus/presets.hpp"
#include "controller/prometheus/templates.hpp"

namespace evenkeel {
namespace {

using std::chrono::seconds;

// All that was answered to one policy on one topic.
struct Evidence {
  const PlannedQuery* query = nullptr;
  const Member* member = nullptr;
  std::string failure;  // not empty: there is no answer, and this is why
  PodParts pods;        // per-target topics: one entry, of pod ""
  Series series;        // of a range
  const QueryResult* own = nullptr;
};

// Topic, or the signal of a policy's own query, which may have any name; ranges apart from current
// values.
struct EvidenceKey {
  std::string topic;
  bool range = false;
  bool own = false;

  auto operator<=>(const EvidenceKey&) const = default;
};
using PolicyEvidence = std::map<EvidenceKey, Evidence>;

bool IsRange(const PlannedQuery& query) { return query.look_back > seconds{0}; }

bool IsSliceOfAnotherTime(const PlannedQuery& query, TimePoint time) {
  return query.past && !IsRange(query) && !query.past->Contains(time);
}

// Traffic may come in up to three rows that add up.
void AddRequests(Parts& parts, std::string_view name, double value) {
  parts.value = parts.value.value_or(0) + value;
  if (name == part::kPassed) parts.failed = parts.failed.value_or(0);
  if (name == part::kFailed) parts.failed = parts.failed.value_or(0) + value;
}

void SetPart(Parts& parts, std::string_view name, double value) {
  if (name == part::kTime) {
    parts.time = value;
  } else if (name == part::kBefore) {
    parts.before = value;
  } else if (name == part::kFirst) {
    parts.first = value;
  } else if (name == part::kSecond) {
    parts.second = value;
  } else {
    AddRequests(parts, name, value);
  }
}

// A range keeps what is a number: a gap in it is a gap, not a zero.
Series Finite(const Series& samples) {
  Series finite;
  for (const Sample& sample : samples) {
    if (std::isfinite(sample.value)) finite.push_back(sample);
  }
  return finite;
}

std::string Failure(const Answer& answer) {
  if (!answer.result) return answer.result.error().message;
  const QueryResult& result = *answer.result;
  if (!result.partial.empty()) return "the answer is only a part: " + result.partial.front();
  if (answer.query.preset == nullptr) return {};
  const ResultType expected = IsRange(answer.query) ? ResultType::kMatrix : ResultType::kVector;
  if (result.type == expected) return {};
  return "the answer is a " + std::string(ToString(result.type)) + ", not a " +
         std::string(ToString(expected));
}

class Dealer {
 public:
  Dealer(const Plan& plan, std::span<const Answer> answers) : evidence_(plan.policies.size()) {
    for (const Answer& answer : answers) {
      if (!IsSliceOfAnotherTime(answer.query, plan.time)) Take(answer);
    }
  }

  [[nodiscard]] const PolicyEvidence& Of(std::size_t policy) const { return evidence_[policy]; }

 private:
  Evidence& EvidenceFor(const PlannedQuery& query, const Member& member) {
    const bool own = query.preset == nullptr;
    const std::string& topic = own ? member.values.front() : query.topic;
    Evidence& evidence = evidence_[member.policy][{topic, IsRange(query), own}];
    evidence.query = &query;
    evidence.member = &member;
    return evidence;
  }

  void Take(const Answer& answer) {
    const std::string failure = Failure(answer);
    for (const Member& member : answer.query.members) {
      Evidence& evidence = EvidenceFor(answer.query, member);
      evidence.failure = failure;
      if (failure.empty() && answer.query.preset == nullptr) TakeOwn(*answer.result, evidence);
    }
    if (failure.empty() && answer.query.preset != nullptr) TakeGrouped(answer);
  }

  static void TakeOwn(const QueryResult& result, Evidence& evidence) {
    evidence.own = &result;
    if (evidence.query->look_back > seconds{0} && result.series.size() == 1) {
      evidence.series = Finite(result.series.front().samples);
    }
  }

  void TakeGrouped(const Answer& answer) {
    std::multimap<std::vector<std::string>, const Member*> members;
    for (const Member& member : answer.query.members) members.emplace(member.values, &member);
    for (const ResultSeries& row : answer.result->series) {
      std::vector<std::string> values;
      for (const std::string& label : answer.query.grouping.labels) {
        values.emplace_back(row.Label(label));
      }
      const auto [begin, end] = members.equal_range(values);
      for (auto found = begin; found != end; ++found) {
        TakeRow(row, EvidenceFor(answer.query, *found->second));
      }
    }
  }

  static void TakeRow(const ResultSeries& row, Evidence& evidence) {
    if (IsRange(*evidence.query)) {
      evidence.series = Finite(row.samples);
      return;
    }
    if (row.samples.empty()) return;
    const bool per_pod = IsPerPod(evidence.query->topic);
    const std::string pod(per_pod ? row.Label(evidence.query->grouping.pod_label)
                                  : std::string_view{});
    SetPart(evidence.pods[pod], row.Label(kPartLabel), row.samples.front().value);
  }

  std::vector<PolicyEvidence> evidence_;
};

// One policy's evidence, read signal by signal.
class Judge {
 public:
  Judge(const Plan& plan, const PolicyNeeds& needs, const PolicyEvidence& evidence)
      : plan_(plan), needs_(needs), evidence_(evidence) {}

  [[nodiscard]] Reading Read(const std::string& signal) const {
    const bool own = needs_.metrics.queries.contains(signal);
    const Evidence* evidence = own ? Find(signal, true) : EvidenceOf(signal);
    if (evidence == nullptr) return Failed("the query was not asked");
    if (!evidence->failure.empty()) return Failed(evidence->failure);
    if (own) return ReadOwn(signal, *evidence);
    return ReadPreset(signal, *evidence);
  }

 private:
  static Reading Failed(const std::string& why) {
    return Reading::Unknown(ReadingState::kFailed, why);
  }

  [[nodiscard]] const Evidence* Find(const std::string& topic, bool own = false) const {
    const auto found = evidence_.find({topic, false, own});
    return found == evidence_.end() ? nullptr : &found->second;
  }

  // The signal's own topic, or else the traffic, which tells the request rate and mostly errors
  // too.
  [[nodiscard]] const Evidence* EvidenceOf(const std::string& signal) const {
    const Evidence* evidence = Find(signal);
    const bool of_traffic = signal == signal::kRequestRate || signal == signal::kErrorRate;
    return evidence == nullptr && of_traffic ? Find(std::string(kTraffic)) : evidence;
  }

  // 0/0 in a policy's own quantile or ratio is what an idle service looks like, if the preset
  // knows that it is idle.
  [[nodiscard]] Reading ReadOwn(const std::string& signal, const Evidence& evidence) const {
    Reading reading = JudgeOwnQuery(*evidence.own, plan_.time);
    const bool of_requests = signal == signal::kLatencyP99 || signal == signal::kErrorRate;
    if (!of_requests || reading.state != ReadingState::kNotANumber) return reading;
    if (needs_.metrics.queries.contains(std::string(signal::kRequestRate))) return reading;
    const Reading rate = Read(std::string(signal::kRequestRate));
    if (!rate.HasValue() || rate.value > 0) return reading;
    return Reading::Unknown(ReadingState::kNoTraffic, "no requests");
  }

  [[nodiscard]] Reading ReadPreset(const std::string& signal, const Evidence& evidence) const {
    const JudgeContext context = ContextOf(signal, evidence);
    if (IsPerPod(signal)) {
      return JudgePods(evidence.pods, signal == signal::kEventLoopUtilization, context);
    }
    if (signal == signal::kRequestRate) return JudgeRate(Whole(evidence), context);
    if (signal == signal::kInFlight) return JudgeGauge(Whole(evidence), context);
    return ReadOfRequests(signal, evidence, context);
  }

  [[nodiscard]] Reading ReadOfRequests(const std::string& signal, const Evidence& evidence,
                                       const JudgeContext& context) const {
    const Evidence* traffic = Find(std::string(kTraffic));
    if (traffic == nullptr) return Failed("the request rate was not asked");
    if (!traffic->failure.empty()) return Failed(traffic->failure);
    const Parts requests = Whole(*traffic);
    const auto value = &evidence == traffic ? ErrorRate(requests) : Whole(evidence).value;
    Reading reading = JudgeOfRequests(value, requests, context);
    if (signal == signal::kLatencyP99 && reading.HasValue()) {
      reading.at_least = IsLargestBucket(reading.value, *evidence.query->preset);
    }
    return reading;
  }

  static std::optional<double> ErrorRate(const Parts& traffic) {
    if (!traffic.failed || !(traffic.value.value_or(0) > 0)) return std::nullopt;
    return *traffic.failed / *traffic.value;
  }

  static bool IsLargestBucket(double value, const Preset& preset) {
    // Interpolation practically never hits a bound exactly; the cut at the largest always does.
    const double tolerance = 1e-9;
    for (const double bound : preset.requests.largest_buckets) {
      if (std::abs(value - bound) <= tolerance * bound) return true;
    }
    return false;
  }

  static Parts Whole(const Evidence& evidence) {
    return evidence.pods.empty() ? Parts{} : evidence.pods.begin()->second;
  }

  [[nodiscard]] JudgeContext ContextOf(const std::string& signal, const Evidence& evidence) const {
    const std::vector<std::vector<std::string>> target = {evidence.member->values};
    return {plan_.time, needs_.metrics.window,
            MetricOf(*evidence.query->preset, signal) + "{" +
                Selector(evidence.query->grouping, target) + "}"};
  }

  const Plan& plan_;
  const PolicyNeeds& needs_;
  const PolicyEvidence& evidence_;
};

Dealt DealOne(const Plan& plan, std::size_t policy, const PolicyEvidence& evidence) {
  const PolicyNeeds& needs = plan.policies[policy];
  Dealt dealt{needs.policy, {}, {}};
  const Judge judge(plan, needs, evidence);
  for (const Need& need : needs.needs) {
    dealt.readings.insert_or_assign(need.signal, judge.Read(need.signal));
    const bool own = needs.metrics.queries.contains(need.signal);
    const auto range = evidence.find({need.signal, true, own});
    if (need.look_back > seconds{0} && range != evidence.end() && range->second.failure.empty()) {
      dealt.series.insert_or_assign(need.signal, range->second.series);
    }
  }
  return dealt;
}

}  // namespace

std::vector<Dealt> Deal(const Plan& plan, std::span<const Answer> answers) {
  const Dealer dealer(plan, answers);
  std::vector<Dealt> dealt;
  for (std::size_t policy = 0; policy < plan.policies.size(); ++policy) {
    dealt.push_back(DealOne(plan, policy, dealer.Of(policy)));
  }
  for (const UnmetNeed& unmet : plan.unmet) {
    dealt[unmet.policy].readings.insert_or_assign(unmet.signal, unmet.reading);
  }
  return dealt;
}

}  // namespace evenkeel
