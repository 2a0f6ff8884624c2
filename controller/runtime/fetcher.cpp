#include "controller/runtime/fetcher.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "controller/prometheus/breaker.hpp"

namespace evenkeel {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Shorter than this, a query is not worth sending.
constexpr milliseconds kLeastTime{20};

// Did the server answer, if only to refuse this query?
bool IsRefusal(const Error& error) {
  switch (error.kind) {
    case ErrorKind::kInvalid:
    case ErrorKind::kTooLarge:
      return true;
    case ErrorKind::kNotFound:
    case ErrorKind::kConflict:
    case ErrorKind::kGone:
    case ErrorKind::kUnauthorized:
    case ErrorKind::kForbidden:
    case ErrorKind::kThrottled:
    case ErrorKind::kUnavailable:
    case ErrorKind::kTimeout:
    case ErrorKind::kTls:
    case ErrorKind::kMalformed:
    case ErrorKind::kCancelled:
      break;
  }
  return false;
}

// Is it the fault of what was asked, so that asking for less may help?
bool IsOwnFault(const Error& error) {
  return error.kind == ErrorKind::kInvalid || error.kind == ErrorKind::kTooLarge;
}

Error UnknownSource(const std::string& name, const std::string& known) {
  return {ErrorKind::kInvalid,
          "metrics.source: no source \"" + name + "\" is configured; known are: " + known,
          {}};
}

}  // namespace

struct Fetcher::Source {
  std::string name;
  std::unique_ptr<HttpTransport> transport;
  Breaker breaker{};
  std::string last_failure{};
  std::minstd_rand jitter{std::random_device{}()};
};

// The queries of one source in one fetch, and the workers that send them. Everything that workers
// share, the source's breaker among it, is behind the mutex; the transport is thread-safe itself.
class Fetcher::SourceFetch {
 public:
  SourceFetch(Source& source, TimePoint time, Clock::time_point deadline, const FetchLimits& limits)
      : source_(source),
        time_(time),
        deadline_(deadline),
        limits_(limits),
        splits_left_(limits.max_splits) {}

  void Add(const PlannedQuery& query) { waiting_.push_back(query); }

  void Start() {
    // After an outage one query goes first; the others follow it if it is answered.
    const std::size_t most = source_.breaker.IsOpen() ? 1 : limits_.parallel;
    const std::size_t count = std::min(most, waiting_.size());
    running_ = count;  // the first worker may be done, and count down, before the last begins
    for (std::size_t i = 0; i < count; ++i) workers_.emplace_back([this] { Work(); });
  }

  // Waits for the answers; at the deadline, or stopped, gives up on those that are missing.
  void Finish(const std::stop_token& stop, Fetched& fetched) {
    {
      std::unique_lock lock(mutex_);
      finished_.wait_until(lock, stop, deadline_, [this] { return running_ == 0; });
    }
    stop_.request_stop();
    workers_.clear();
    std::move(answers_.begin(), answers_.end(), std::back_inserter(fetched.answers));
    fetched.sent += sent_;
    fetched.bytes += bytes_;
  }

 private:
  void Work() {
    std::unique_lock lock(mutex_);
    while (!waiting_.empty()) {
      PlannedQuery query = std::move(waiting_.front());
      waiting_.pop_front();
      Settle(std::move(query), lock);
    }
    if (--running_ == 0) finished_.notify_all();
  }

  void Settle(PlannedQuery query, std::unique_lock<std::mutex>& lock) {
    Answer answer = Ask(std::move(query), lock);
    if (!answer.result && IsOwnFault(answer.result.error()) && splits_left_ > 0) {
      if (auto parts = Split(answer.query); !parts.empty()) {
        --splits_left_;
        waiting_.insert(BeforeOwn(), std::make_move_iterator(parts.begin()),
                        std::make_move_iterator(parts.end()));
        return;
      }
    }
    answers_.push_back(std::move(answer));
  }

  // Where the policies' own PromQL begins: nobody knows how long that takes.
  std::deque<PlannedQuery>::iterator BeforeOwn() {
    return std::ranges::find_if(waiting_, &IsOwnPromql);
  }

  Answer Ask(PlannedQuery query, std::unique_lock<std::mutex>& lock) {
    const auto begin = Clock::now();
    const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - begin);
    if (stop_.stop_requested() || left < kLeastTime) return {std::move(query), GivenUp()};
    if (!source_.breaker.Admit(begin)) return {std::move(query), NotAsked()};
    HttpRequest request = RequestOf(query, time_, left);
    request.max_body = limits_.max_body;
    ++sent_;
    lock.unlock();
    const auto response = source_.transport->Send(request, stop_.get_token());
    Result<QueryResult> result =
        response ? ParseQueryResponse(*response) : Result<QueryResult>(response.error());
    lock.lock();
    const std::size_t bytes = response ? response->body.size() : 0;
    bytes_ += bytes;
    return {std::move(query), Judged(std::move(result)),
            std::chrono::ceil<milliseconds>(Clock::now() - begin), bytes};
  }

  Result<QueryResult> Judged(Result<QueryResult> result) {
    if (result) {
      Record(true);
      return result;
    }
    Error error = result.error();
    if (error.kind == ErrorKind::kCancelled) {
      // Silent until the deadline is a failure; stopped by our own caller is none.
      const bool silent = Clock::now() >= deadline_;
      silent ? RecordFailure({ErrorKind::kTimeout, "no answer before the deadline", {}})
             : source_.breaker.Abandon();
      return GivenUp();
    }
    RecordFailure(error);
    error.message = Named(error.message);
    return error;
  }

  // A server that has answered others is there: a query that is late was too slow.
  void RecordFailure(const Error& error) {
    if (error.kind == ErrorKind::kTimeout && answered_) return source_.breaker.Abandon();
    source_.last_failure = error.message;
    Record(IsRefusal(error));
  }

  void Record(bool answered) {
    answered_ = answered_ || answered;
    std::uniform_real_distribution<double> jitter(0, 1);
    source_.breaker.Record(answered, Clock::now(), jitter(source_.jitter));
  }

  [[nodiscard]] Error GivenUp() const {
    if (Clock::now() + kLeastTime < deadline_) return {ErrorKind::kCancelled, Named("stopped"), {}};
    return {ErrorKind::kTimeout, Named("no answer before the round's deadline"), {}};
  }

  [[nodiscard]] Error NotAsked() const {
    return {ErrorKind::kUnavailable,
            Named("not asked again yet after failures, the last: " + source_.last_failure),
            {}};
  }

  [[nodiscard]] std::string Named(const std::string& message) const {
    return "source \"" + source_.name + "\": " + message;
  }

  Source& source_;
  const TimePoint time_;
  const Clock::time_point deadline_;
  const FetchLimits& limits_;

  std::mutex mutex_;
  std::condition_variable_any finished_;
  std::deque<PlannedQuery> waiting_;
  std::vector<Answer> answers_;
  std::size_t splits_left_;
  std::size_t running_ = 0;
  std::size_t sent_ = 0;
  std::size_t bytes_ = 0;
  bool answered_ = false;  // has the source said anything in this fetch?
  std::stop_source stop_;
  std::vector<std::jthread> workers_;  // last: joined before what they use goes away
};

Fetcher::Fetcher(Sources sources, FetchLimits limits) : limits_(limits) {
  for (auto& [name, transport] : sources) SetSource(name, std::move(transport));
}

Fetcher::~Fetcher() = default;

void Fetcher::SetSource(const std::string& name, std::unique_ptr<HttpTransport> transport) {
  auto source = std::make_unique<Source>();
  source->name = name;
  source->transport = std::move(transport);
  sources_.insert_or_assign(name, std::move(source));
}

void Fetcher::RemoveSource(const std::string& name) { sources_.erase(name); }

std::string Fetcher::KnownSources() const {
  std::string known;
  for (const auto& [name, source] : sources_) known += (known.empty() ? "" : ", ") + name;
  return known;
}

Fetched Fetcher::Fetch(const Plan& plan, milliseconds deadline, std::stop_token stop) {
  const auto end = Clock::now() + deadline;
  Fetched fetched;
  std::map<std::string, SourceFetch> fetches;
  for (const PlannedQuery& query : plan.queries) {
    const auto source = sources_.find(query.source);
    if (source == sources_.end()) {
      fetched.answers.push_back({query, UnknownSource(query.source, KnownSources())});
      continue;
    }
    fetches.try_emplace(query.source, *source->second, plan.time, end, limits_)
        .first->second.Add(query);
  }
  for (auto& [name, fetch] : fetches) fetch.Start();
  for (auto& [name, fetch] : fetches) fetch.Finish(stop, fetched);
  return fetched;
}

}  // namespace evenkeel
