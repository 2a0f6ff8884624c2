#include "controller/runtime/watcher.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "support/catch.hpp"
#include "tests/support/scripted_transport.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using test::Exchange;
using test::ScriptedTransport;
using Clock = std::chrono::steady_clock;
using Strings = std::vector<std::string>;

constexpr ResourceKind kPolicies = ResourceKind::kScalingPolicies;

std::string Object(const std::string& name, const std::string& version) {
  return R"({"metadata": {"namespace": "shop", "name": ")" + name + R"(", "resourceVersion": ")" +
         version + R"(", "creationTimestamp": "2026-01-02T03:04:05Z"}})";
}

std::string Event(const char* type, const std::string& name, const std::string& version) {
  return std::string(R"({"type": ")") + type + R"(", "object": )" + Object(name, version) + "}\n";
}

Exchange Page(const Strings& names, const std::string& version, const std::string& next = {}) {
  std::string items;
  for (const std::string& name : names) items += (items.empty() ? "" : ",") + Object(name, "1");
  return {.body = R"({"metadata": {"resourceVersion": ")" + version + R"(", "continue": ")" + next +
                  R"("}, "items": [)" + items + "]}"};
}

Exchange Stream(Strings pieces) { return {.pieces = std::move(pieces)}; }

Exchange Failure(ErrorKind kind) { return {.error = Error{kind, "scripted", {}}}; }

const std::string kBookmark =
    R"({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "50"}}})"
    "\n";

// A server that accepts and then says nothing.
Exchange Silence() { return {.until_stopped = true}; }

// Writes down what a watcher delivers, in words.
class Record {
 public:
  WatchSink Sink() {
    return [this](const WatchUpdate& update) {
      const std::lock_guard lock(mutex_);
      lines_.push_back(std::visit(*this, update.change));
      arrived_.notify_all();
    };
  }

  // The first `count` deliveries, or what there is after ten seconds.
  Strings Await(std::size_t count) {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, 10s, [&] { return lines_.size() >= count; });
    return {lines_.begin(),
            lines_.begin() + static_cast<std::ptrdiff_t>(std::min(count, lines_.size()))};
  }

  std::string operator()(const ListReplaced& change) const {
    std::string line = "list:";
    for (const auto& object : change.objects) line += " " + KeyOf(object).name;
    return line;
  }
  std::string operator()(const ObjectUpserted& change) const {
    return "upsert: " + KeyOf(change.object).name;
  }
  std::string operator()(const ObjectDeleted& change) const { return "delete: " + change.key.name; }
  std::string operator()(const WatchTrouble& change) const {
    return "trouble " + std::to_string(change.failures) + ": " + change.error.message;
  }
  std::string operator()(const WatchRecovered& /*change*/) const { return "recovered"; }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  Strings lines_;
};

WatcherOptions Options(ResourceKind resource = kPolicies) {
  return {.resource = resource, .max_silence = 90s, .backoff = {1ms, 5ms}};
}

// Runs a watcher against the exchanges, then silence, until `count` updates were delivered.
struct Run {
  Run(std::vector<Exchange> exchanges, std::size_t count, WatcherOptions options = Options())
      : transport(WithSilence(std::move(exchanges))) {
    Watcher watcher(transport, std::move(options), record.Sink());
    updates = record.Await(count);
    synced = watcher.Synced();
  }

  static std::vector<Exchange> WithSilence(std::vector<Exchange> exchanges) {
    exchanges.push_back(Silence());
    return exchanges;
  }

  // From where the n-th request, a watch, resumed.
  [[nodiscard]] std::string ResumedFrom(std::size_t n) const {
    const auto requests = transport.requests();
    REQUIRE(requests.size() > n);
    const std::string& target = requests[n].target;
    const auto begin = target.find("resourceVersion=");
    REQUIRE(begin != std::string::npos);
    return target.substr(begin + 16, target.find('&', begin) - begin - 16);
  }

  [[nodiscard]] bool IsList(std::size_t n) const {
    const auto requests = transport.requests();
    REQUIRE(requests.size() > n);
    return requests[n].target.find("watch=") == std::string::npos;
  }

  ScriptedTransport transport;
  Record record;
  Strings updates;
  bool synced = false;
};

TEST_CASE("a list in pages is delivered whole, and watched from its resourceVersion") {
  const Run run(
      {Page({"a", "b"}, "10", "next"), Page({"c"}, "10"), Stream({Event("ADDED", "d", "11")})}, 2);
  CHECK(run.updates == Strings{"list: a b c", "upsert: d"});
  CHECK(run.synced);
  CHECK(run.transport.requests()[0].target ==
        "/apis/evenkeel.dev/v1alpha1/scalingpolicies?limit=500");
  CHECK(run.transport.requests()[1].target ==
        "/apis/evenkeel.dev/v1alpha1/scalingpolicies?limit=500&continue=next");
  CHECK(run.ResumedFrom(2) == "10");
}

TEST_CASE("events are delivered in order, however the stream is cut") {
  std::string stream =
      Event("ADDED", "b", "11") + Event("MODIFIED", "a", "12") + Event("DELETED", "b", "13");
  Strings bytes;
  for (const char c : stream) bytes.emplace_back(1, c);
  const Run run({Page({"a"}, "10"), Stream(bytes)}, 4);
  CHECK(run.updates == Strings{"list: a", "upsert: b", "upsert: a", "delete: b"});
}

TEST_CASE("a watch that the server ends is resumed from the last event or bookmark") {
  const Run run({Page({}, "10"), Stream({Event("ADDED", "a", "11")}), Stream({kBookmark}),
                 Stream({Event("ADDED", "b", "51")})},
                3);
  CHECK(run.updates == Strings{"list:", "upsert: a", "upsert: b"});
  CHECK(run.ResumedFrom(2) == "11");
  CHECK(run.ResumedFrom(3) == "50");
}

TEST_CASE("410 as a status lists again") {
  const Run run({Page({"a", "b"}, "10"),
                 {.status = 410, .body = R"({"message": "too old"})"},
                 Page({"b"}, "90")},
                3);
  CHECK(run.updates == Strings{"list: a b", "trouble 1: HTTP status 410: too old", "list: b"});
  CHECK(run.IsList(2));
}

TEST_CASE("410 in the stream lists again") {
  const Run run({Page({"a"}, "10"),
                 Stream({R"({"type": "ERROR", "object": {"code": 410, "message": "expired"}})"
                         "\n" +
                         Event("ADDED", "never", "11")}),
                 Page({"b"}, "90")},
                3);
  CHECK(run.updates == Strings{"list: a", "trouble 1: watch: 410: expired", "list: b"});
}

TEST_CASE("a stream cut in the middle of an object is resumed behind the last whole one") {
  const std::string cut = Event("ADDED", "b", "12").substr(0, 40);
  Exchange broken = Failure(ErrorKind::kUnavailable);
  broken.pieces = {Event("ADDED", "a", "11"), cut};
  const Run run({Page({}, "10"), broken, Stream({Event("ADDED", "b", "12")})}, 5);
  CHECK(run.updates ==
        Strings{"list:", "upsert: a", "trouble 1: scripted", "recovered", "upsert: b"});
  CHECK(run.ResumedFrom(2) == "11");
}

TEST_CASE("a line that is not JSON puts the picture in doubt: list again") {
  const Run run({Page({"a"}, "10"), Stream({"{\"type\": oops}\n"}), Page({"b"}, "11")}, 3);
  REQUIRE(run.updates.size() == 3);
  CHECK_THAT(run.updates[1], Catch::StartsWith("trouble 1: not valid JSON"));
  CHECK(run.updates[2] == "list: b");
}

TEST_CASE("a list cut in the middle is asked for again") {
  Exchange half = Page({"a"}, "10");
  half.body.resize(half.body.size() / 2);
  const Run run({half, Page({"a"}, "10")}, 2);
  REQUIRE(run.updates.size() == 2);
  CHECK_THAT(run.updates[0], Catch::StartsWith("trouble 1: not valid JSON"));
  CHECK(run.updates[1] == "list: a");
}

TEST_CASE("429 is waited out for as long as the server asks") {
  const auto begin = Clock::now();
  const Run run({{.status = 429, .headers = {{"Retry-After", "1"}}}, Page({"a"}, "10")}, 2);
  CHECK(run.updates == Strings{"trouble 1: HTTP status 429: no message", "list: a"});
  CHECK(Clock::now() - begin >= 1s);
}

TEST_CASE("500 is retried, and nothing is synced until a list has come") {
  const Run failing({{.status = 500}, {.status = 500}}, 2);
  CHECK(failing.updates == Strings{"trouble 1: HTTP status 500: no message",
                                   "trouble 2: HTTP status 500: no message"});
  CHECK_FALSE(failing.synced);

  const Run healed({{.status = 500}, Page({"a"}, "10")}, 2);
  CHECK(healed.updates.back() == "list: a");
}

TEST_CASE("a failed page does not lose the pages before it") {
  const Run run({Page({"a"}, "10", "next"), {.status = 503}, Page({"b"}, "10")}, 2);
  CHECK(run.updates == Strings{"trouble 1: HTTP status 503: no message", "list: a b"});
}

TEST_CASE("a page that is too large is asked for in smaller ones, and nothing is lost") {
  const Exchange huge = Failure(ErrorKind::kTooLarge);
  const Run run(
      {Page({"a"}, "10", "next"), huge, huge, Page({"b"}, "10", "more"), Page({"c"}, "10")}, 3);
  CHECK(run.updates == Strings{"trouble 0: scripted", "trouble 0: scripted", "list: a b c"});
  const auto requests = run.transport.requests();
  REQUIRE(requests.size() >= 5);
  CHECK_THAT(requests[1].target, Catch::Contains("limit=500&"));
  CHECK_THAT(requests[3].target, Catch::Contains("limit=125&") && Catch::Contains("continue=next"));
  CHECK_THAT(requests[4].target, Catch::Contains("limit=125&"));
}

TEST_CASE("a watch that has been in trouble says when it is well, though nothing has changed") {
  const Run run({Page({"a"}, "10"), Failure(ErrorKind::kUnavailable), Stream({kBookmark})}, 3);
  CHECK(run.updates == Strings{"list: a", "trouble 1: scripted", "recovered"});
}

TEST_CASE("only a watch that the server began can have been healthy") {
  WatcherOptions options = Options();
  options.healthy_after = 0ms;
  const Exchange refused{.status = 504};
  const Run run({Page({"a"}, "10"), refused, refused, Stream({}), refused}, 5, options);
  CHECK(run.updates == Strings{"list: a", "trouble 1: HTTP status 504: no message",
                               "trouble 2: HTTP status 504: no message", "recovered",
                               "trouble 1: HTTP status 504: no message"});
}

TEST_CASE("a silent connection is given up and resumed") {
  const Run run({Page({}, "10"), Failure(ErrorKind::kTimeout), Stream({Event("ADDED", "a", "11")})},
                4);
  CHECK(run.updates == Strings{"list:", "trouble 1: scripted", "recovered", "upsert: a"});
  CHECK(run.transport.requests()[1].deadline == 90s);
  CHECK(run.ResumedFrom(2) == "10");
}

TEST_CASE("a refused certificate is reported and tried again") {
  const Run run({Failure(ErrorKind::kTls), Page({"a"}, "10"), Failure(ErrorKind::kTls),
                 Stream({Event("ADDED", "b", "11")})},
                5);
  CHECK(run.updates ==
        Strings{"trouble 1: scripted", "list: a", "trouble 2: scripted", "recovered", "upsert: b"});
}

TEST_CASE("an optional resource that the cluster does not know is empty, and no trouble") {
  ScriptedTransport transport(std::vector<Exchange>{{.status = 404}});
  Record record;
  const Watcher watcher(transport, Options(ResourceKind::kScaledObjects), record.Sink());
  CHECK(record.Await(1) == Strings{"list:"});
  const auto deadline = Clock::now() + 10s;
  while (!watcher.Synced() && Clock::now() < deadline) std::this_thread::yield();
  CHECK(watcher.Synced());
}

TEST_CASE("a watcher of one namespace asks for no other") {
  WatcherOptions options = Options();
  options.namespace_name = "shop";
  const Run run({Page({"a"}, "10"), Stream({})}, 1, options);
  CHECK(run.transport.requests()[0].target ==
        "/apis/evenkeel.dev/v1alpha1/namespaces/shop/scalingpolicies?limit=500");
}

// Stops the watcher once it has delivered `updates` updates, and says how long stopping took.
Clock::duration TimeToStop(std::vector<Exchange> exchanges, WatcherOptions options,
                           std::size_t updates) {
  ScriptedTransport transport(std::move(exchanges));
  Record record;
  std::optional<Watcher> watcher(std::in_place, transport, std::move(options), record.Sink());
  REQUIRE(record.Await(updates).size() == updates);
  const auto begin = Clock::now();
  watcher.reset();
  return Clock::now() - begin;
}

TEST_CASE("a watcher stops promptly in the middle of a silent watch") {
  CHECK(TimeToStop({Page({}, "10"), Silence()}, Options(), 1) < 2s);
}

TEST_CASE("a watcher stops promptly in the middle of a long back-off") {
  WatcherOptions options = Options();
  options.backoff = {1h, 1h};
  CHECK(TimeToStop({{.status = 500}}, options, 1) < 2s);
}

}  // namespace
}  // namespace evenkeel
