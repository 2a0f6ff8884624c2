#include "controller/runtime/http_transport_exchange.hpp"

#include <cpprest/http_client.h>
#include <pplx/pplxtasks.h>
#include <pplx/threadpool.h>

#include <boost/asio/post.hpp>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "controller/core/http.hpp"
#include "controller/runtime/http_transport.hpp"
#include "controller/runtime/http_transport_errors.hpp"
#include "controller/runtime/http_transport_sink.hpp"
#include "policies/result.hpp"

namespace evenkeel {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kWindow = std::size_t{256} << 10;
// A cancelled exchange is over at once, except while a host name is being resolved.
constexpr std::chrono::milliseconds kAbortWait{500};

struct Head {
  int status = 0;
  Headers headers{};
};

// What has come since the caller last asked.
struct Progress {
  std::optional<Head> head{};
  std::string data{};
  bool ended = false;
  std::optional<CaughtFailure> failure{};
};

enum class Wake { kProgress, kDeadline, kStopped };

template <class F>
void OnIoThread(F&& task) {
  boost::asio::post(crossplat::threadpool::shared_instance().service(), std::forward<F>(task));
}

Head HeadOf(const web::http::http_response& response) {
  Head head{response.status_code(), {}};
  for (const auto& [name, value] : response.headers()) head.headers.emplace(name, value);
  return head;
}

// Shared by the caller's thread and cpprest, which may outlive the caller's interest in it.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  void Start(web::http::client::http_client client, web::http::http_request message);
  [[nodiscard]] Wake Wait(Clock::time_point until, const std::stop_token& stop, Progress& progress);
  void Abort();

 private:
  pplx::task<void> Take(std::string_view piece);
  void OnResponse(const pplx::task<web::http::http_response>& task);
  void OnHead(const web::http::http_response& response);
  void End(std::optional<CaughtFailure> failure);
  [[nodiscard]] bool HasProgress() const;

  pplx::cancellation_token_source cancellation_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<Head> head_;
  bool head_came_ = false;
  std::string data_;
  std::optional<pplx::task_completion_event<void>> window_free_;
  bool abandoned_ = false;
  bool ended_ = false;
  std::optional<CaughtFailure> failure_;
};

void Exchange::Start(web::http::client::http_client client, web::http::http_request message) {
  const auto self = shared_from_this();
  const auto sink =
      std::make_shared<BodySink>([self](std::string_view p) { return self->Take(p); });
  message.set_response_stream(concurrency::streams::streambuf<std::uint8_t>(sink).create_ostream());
  OnIoThread([self, client = std::move(client), message = std::move(message)]() mutable {
    try {
      client.request(message, self->cancellation_.get_token())
          .then(
              [self](const pplx::task<web::http::http_response>& task) { self->OnResponse(task); });
    } catch (...) {
      self->End(CaughtFailure::Current());
    }
  });
}

void Exchange::OnResponse(const pplx::task<web::http::http_response>& task) {
  try {
    const web::http::http_response response = task.get();
    OnHead(response);
    response.content_ready().then(
        [self = shared_from_this()](const pplx::task<web::http::http_response>& body) {
          try {
            body.get();
            self->End(std::nullopt);
          } catch (...) {
            self->End(CaughtFailure::Current());
          }
        });
  } catch (...) {
    End(CaughtFailure::Current());
  }
}

void Exchange::OnHead(const web::http::http_response& response) {
  const std::lock_guard lock(mutex_);
  head_ = HeadOf(response);
  head_came_ = true;
  changed_.notify_all();
}

pplx::task<void> Exchange::Take(std::string_view piece) {
  const std::lock_guard lock(mutex_);
  if (abandoned_) return pplx::task_from_result();
  data_ += piece;
  changed_.notify_all();
  if (data_.size() < kWindow) return pplx::task_from_result();
  window_free_.emplace();
  return pplx::create_task(*window_free_);
}

void Exchange::End(std::optional<CaughtFailure> failure) {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  failure_ = std::move(failure);
  changed_.notify_all();
}

// Data may overtake the head on its way through the task scheduler: it waits for it.
bool Exchange::HasProgress() const {
  return ended_ || head_.has_value() || (head_came_ && !data_.empty());
}

Wake Exchange::Wait(Clock::time_point until, const std::stop_token& stop, Progress& progress) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, stop, until, [this] { return HasProgress(); });
  // Asked first: a peer that never stops sending must not outrun them.
  if (stop.stop_requested()) return Wake::kStopped;
  if (Clock::now() >= until || !HasProgress()) return Wake::kDeadline;
  progress = {std::exchange(head_, std::nullopt), std::exchange(data_, {}), ended_, failure_};
  const auto window_free = std::exchange(window_free_, std::nullopt);
  lock.unlock();
  if (window_free) window_free->set();
  return Wake::kProgress;
}

void Exchange::Abort() {
  std::unique_lock lock(mutex_);
  if (ended_) return;
  abandoned_ = true;
  data_ = {};
  const auto window_free = std::exchange(window_free_, std::nullopt);
  lock.unlock();
  OnIoThread([self = shared_from_this()] { self->cancellation_.cancel(); });
  if (window_free) window_free->set();
  lock.lock();
  changed_.wait_for(lock, kAbortWait, [this] { return ended_; });
}

// The caller's side: puts an answer together.
class Collector {
 public:
  explicit Collector(const ExchangeCall& call) : call_(call) {}

  // Whether to go on.
  [[nodiscard]] bool Accept(Progress& progress);
  [[nodiscard]] ExchangeOutcome Finish(const Progress& last);
  // A watch's body goes to on_data, any other is collected.
  [[nodiscard]] bool Collects() const {
    return call_.on_data == nullptr || response_.status / 100 != 2;
  }

 private:
  [[nodiscard]] bool AcceptHead(Head head);
  [[nodiscard]] bool AcceptData(const std::string& data);
  [[nodiscard]] bool AcceptLength(const std::string& text);
  bool Fail(ErrorKind kind, const std::string& why);
  bool FailTooLarge();

  const ExchangeCall& call_;
  HttpResponse response_;
  std::optional<Error> error_;
  bool ended_by_caller_ = false;
};

bool Collector::Fail(ErrorKind kind, const std::string& why) {
  error_ = Error{kind, call_.label + ": " + why, {}};
  return false;
}

bool Collector::AcceptHead(Head head) {
  response_.status = head.status;
  response_.headers = std::move(head.headers);
  if (response_.status < 200 || response_.status > 599) {
    return Fail(ErrorKind::kMalformed, "status " + std::to_string(response_.status));
  }
  if (!Collects()) return AcceptData({});
  const auto length = response_.headers.find("Content-Length");
  return length == response_.headers.end() || AcceptLength(length->second);
}

bool Collector::AcceptLength(const std::string& text) {
  std::size_t length = 0;
  const char* end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, length);
  if (error == std::errc::invalid_argument || parsed != end) {
    return Fail(ErrorKind::kMalformed, "Content-Length '" + text + "'");
  }
  const bool too_large = error == std::errc::result_out_of_range || length > call_.request.max_body;
  return !too_large || FailTooLarge();
}

bool Collector::FailTooLarge() {
  return Fail(ErrorKind::kTooLarge,
              "the answer is larger than " + std::to_string(call_.request.max_body) + " bytes");
}

bool Collector::AcceptData(const std::string& data) {
  if (!Collects()) {
    ended_by_caller_ = !(*call_.on_data)(data);
    return !ended_by_caller_;
  }
  if (data.size() > call_.request.max_body - response_.body.size()) return FailTooLarge();
  response_.body += data;
  return true;
}

bool Collector::Accept(Progress& progress) {
  if (progress.head && !AcceptHead(*std::move(progress.head))) return false;
  return (progress.data.empty() || AcceptData(progress.data)) && !progress.ended;
}

ExchangeOutcome Collector::Finish(const Progress& last) {
  if (error_) return {*std::move(error_)};
  if (!last.failure || ended_by_caller_) return {std::move(response_)};
  TransportFailure failure = DescribeFailure(*last.failure, call_.label, call_.tls);
  return {std::move(failure.error), failure.stale_connection};
}

Error Late(const ExchangeCall& call) {
  const std::string limit = std::to_string(call.request.deadline.count()) + "ms";
  return {ErrorKind::kTimeout,
          call.label + (call.on_data != nullptr ? ": nothing came for " + limit
                                                : ": no complete answer within " + limit),
          {}};
}

ExchangeOutcome Drive(Exchange& exchange, ExchangeCall& call, const std::stop_token& stop) {
  Collector collector(call);
  for (;;) {
    Progress progress;
    const Wake wake = exchange.Wait(call.until, stop, progress);
    if (wake == Wake::kStopped) return {Error{ErrorKind::kCancelled, call.label + ": stopped", {}}};
    if (wake == Wake::kDeadline) return {Late(call)};
    if (!collector.Accept(progress)) return collector.Finish(progress);
    if (!collector.Collects()) call.until = Clock::now() + call.request.deadline;
  }
}

}  // namespace

ExchangeOutcome RunExchange(const web::http::client::http_client& client, ExchangeCall call,
                            const std::stop_token& stop) {
  const auto exchange = std::make_shared<Exchange>();
  exchange->Start(client, std::move(call.message));
  ExchangeOutcome outcome = Drive(*exchange, call, stop);
  exchange->Abort();
  return outcome;
}

}  // namespace evenkeel
