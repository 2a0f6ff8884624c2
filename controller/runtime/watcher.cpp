#include "controller/runtime/watcher.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <mutex>
#include <optional>
#include <random>
#include <stop_token>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "controller/core/http.hpp"
#include "controller/kubernetes/line_splitter.hpp"
#include "controller/kubernetes/objects.hpp"
#include "controller/kubernetes/requests.hpp"
#include "controller/kubernetes/resources.hpp"
#include "controller/kubernetes/responses.hpp"
#include "controller/kubernetes/watch_cache.hpp"
#include "controller/kubernetes/watch_state.hpp"
#include "controller/runtime/http_transport.hpp"
#include "policies/result.hpp"

namespace evenkeel {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

// An object in etcd has at most a few MiB; this is a line of it in a watch.
constexpr std::size_t kMaxLine = std::size_t{16} << 20;
// The server ends a watch after this, plus up to half as much: not all watches at once. It stays
// below WatcherOptions::max_silence, because a quiet resource sends no bookmarks on many clusters:
// its watch must end in good order before it looks dead.
constexpr seconds kMinWatchTimeout{50};

class WatchLoop {
 public:
  WatchLoop(HttpTransport& transport, WatcherOptions options, WatchSink sink,
            std::atomic<bool>& synced)
      : transport_(transport),
        options_(std::move(options)),
        resource_(Describe(options_.resource)),
        sink_(std::move(sink)),
        synced_(synced),
        random_(options_.seed + static_cast<std::uint64_t>(options_.resource)),
        state_{.page_limit = options_.page_limit} {}

  void Run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const WatchInput input =
          state_.phase == WatchState::Phase::kListing ? List(stop) : Watch(stop);
      if (stop.stop_requested()) return;
      const milliseconds delay = Advance(input);
      Report(input);
      Wait(delay, stop);
    }
  }

 private:
  WatchInput List(const std::stop_token& stop) {
    if (state_.continue_token.empty()) listed_.clear();
    const auto response =
        transport_.Send(ListRequest(resource_, {.namespace_name = options_.namespace_name,
                                                .limit = state_.page_limit,
                                                .continue_token = state_.continue_token}),
                        stop);
    if (!response) return ListFailed{response.error()};
    auto page = ParseList(options_.resource, *response);
    if (!page) return ListFailed{page.error()};
    std::move(page->items.begin(), page->items.end(), std::back_inserter(listed_));
    return PageListed{page->resource_version, page->continue_token};
  }

  WatchInput Watch(const std::stop_token& stop) {
    const Clock::time_point sent = Clock::now();
    std::optional<Clock::time_point> begin;  // of the answer
    LineSplitter lines(kMaxLine);
    std::optional<Error> fault;  // of what the stream said
    const OnLine on_line = [&](std::string_view line) {
      fault = TakeLine(line);
      return !fault && !stop.stop_requested();
    };
    const OnData on_data = [&](std::string_view piece) {
      if (!begin) begin = Clock::now();
      const Status fed = lines.Feed(piece, on_line);
      if (!fed && !fault) fault = fed.error();
      return static_cast<bool>(fed);
    };
    const auto response = transport_.Stream(Request(), on_data, stop);
    const auto lasted =
        begin ? std::optional(duration_cast<milliseconds>(Clock::now() - *begin)) : std::nullopt;
    if (fault) return WatchEnded{fault, lasted};
    if (!response) return WatchEnded{response.error(), lasted};
    if (const Status status = CheckResponse(*response); !status) {
      return WatchEnded{status.error(), lasted};
    }
    // Some proxies hold the head of an answer back until there is a body: it may be all there is.
    return WatchEnded{std::nullopt, duration_cast<milliseconds>(Clock::now() - sent)};
  }

  HttpRequest Request() {
    const auto spread = duration_cast<seconds>(kMinWatchTimeout * Jitter() / 2);
    return WatchRequest(resource_, {.namespace_name = options_.namespace_name,
                                    .resource_version = state_.resource_version,
                                    .timeout = kMinWatchTimeout + spread,
                                    .max_silence = options_.max_silence});
  }

  // Hands the event on; returns why the stream cannot be read further.
  std::optional<Error> TakeLine(std::string_view line) {
    auto event = ParseWatchEvent(options_.resource, line);
    if (!event) return event.error();
    Advance(WatchAdvanced{event->resource_version});
    if (!event->object) return std::nullopt;
    if (event->type == WatchEventType::kDeleted) {
      Deliver(ObjectDeleted{KeyOf(*event->object)});
    } else {
      Deliver(ObjectUpserted{*std::move(event->object)});
    }
    return std::nullopt;
  }

  milliseconds Advance(const WatchInput& input) {
    WatchStep step = NextStep(std::move(state_), input, resource_.optional, Jitter(),
                              options_.backoff, options_.healthy_after);
    state_ = std::move(step.state);
    if (state_.failures == 0 && std::exchange(troubled_, false)) Deliver(WatchRecovered{});
    return step.delay;
  }

  void Complain(const Error& error) {
    troubled_ = state_.failures > 0;
    Deliver(WatchTrouble{error, state_.failures});
  }

  // Tells the sink what the last step came to.
  void Report(const WatchInput& input) {
    if (std::holds_alternative<PageListed>(input)) {
      if (state_.phase == WatchState::Phase::kWatching) DeliverList();
    } else if (const auto* failed = std::get_if<ListFailed>(&input)) {
      if (resource_.optional && failed->error.kind == ErrorKind::kNotFound) {
        listed_.clear();
        DeliverList();
      } else {
        Complain(failed->error);
      }
    } else if (const auto* ended = std::get_if<WatchEnded>(&input); ended && ended->error) {
      // A resourceVersion that has grown too old after a long watch is the protocol's daily bread.
      const bool ordinary = ended->error->kind == ErrorKind::kGone && state_.failures == 0;
      if (!ordinary) Complain(*ended->error);
    }
  }

  void DeliverList() {
    Deliver(ListReplaced{std::exchange(listed_, {})});
    synced_ = true;
  }

  template <class Change>
  void Deliver(Change change) {
    sink_({options_.resource, std::move(change)});
  }

  void Wait(milliseconds delay, const std::stop_token& stop) {
    if (delay <= milliseconds{0}) return;
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, delay, [] { return false; });
  }

  double Jitter() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  HttpTransport& transport_;
  const WatcherOptions options_;
  const Resource& resource_;
  const WatchSink sink_;
  std::atomic<bool>& synced_;
  std::mt19937_64 random_;
  WatchState state_;
  bool troubled_ = false;       // the sink was told of failures, and not yet of their end
  std::vector<Object> listed_;  // pages so far
  std::mutex mutex_;
  std::condition_variable_any wake_;
};

}  // namespace

Watcher::Watcher(HttpTransport& transport, WatcherOptions options, WatchSink sink)
    : resource_(options.resource),
      thread_([this, &transport, options = std::move(options),
               sink = std::move(sink)](const std::stop_token& stop) {
        WatchLoop(transport, options, sink, synced_).Run(stop);
      }) {}

}  // namespace evenkeel
