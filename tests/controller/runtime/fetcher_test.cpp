#include "controller/runtime/fetcher.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/controller/prometheus/needs.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/support/scripted_transport.hpp"
#include "tests/support/transport_fixture.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using namespace std::chrono_literals;

namespace {

const std::string kEmpty = R"({"status":"success","data":{"resultType":"vector","result":[]}})";
const std::string kSyntaxError =
    R"({"status":"error","errorType":"bad_data","error":"1:5: parse error: unexpected end"})";

PolicyNeeds Needs(int index, const std::string& source = "default") {
  PolicyNeeds needs;
  needs.policy = {"shop", "svc" + std::to_string(index)};
  needs.target.name = needs.policy.name;
  needs.metrics.source = source;
  needs.needs = {{"requestRate", 0s}};
  return needs;
}

// A plan of this many own queries ("q0", "q1", ...), which are never batched.
Plan OwnQueries(int count, const std::string& source = "default") {
  std::vector<PolicyNeeds> policies;
  for (int i = 0; i < count; ++i) {
    policies.push_back(Needs(i, source));
    policies.back().metrics.queries = {{"requestRate", "q" + std::to_string(i)}};
  }
  return PlanOf(policies);
}

Plan Batch(int count) {
  std::vector<PolicyNeeds> policies;
  for (int i = 0; i < count; ++i) policies.push_back(Needs(i));
  return PlanOf(policies);
}

struct Rig {
  explicit Rig(ScriptedTransport::Script script, FetchLimits limits = {})
      : Rig(std::make_unique<ScriptedTransport>(std::move(script)), limits) {}
  Rig(std::unique_ptr<ScriptedTransport> scripted, FetchLimits limits)
      : transport(*scripted), fetcher(Named(std::move(scripted)), limits) {}

  static Sources Named(std::unique_ptr<HttpTransport> transport) {
    Sources sources;
    sources.emplace("default", std::move(transport));
    return sources;
  }

  ScriptedTransport& transport;
  Fetcher fetcher;
};

Exchange Says(int status, std::string body) { return {.status = status, .body = std::move(body)}; }
Exchange Fails(ErrorKind kind, std::string message) {
  return {.error = Error{kind, std::move(message), {}}};
}

bool Contains(const HttpRequest& request, const std::string& text) {
  return request.body.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("every planned query is sent once and answered") {
  Rig rig([](const HttpRequest&) { return Says(200, kEmpty); });
  const Stopwatch watch;
  const Fetched fetched = rig.fetcher.Fetch(OwnQueries(10), 60s, {});
  CHECK(watch.Elapsed() < 30s);
  CHECK(fetched.answers.size() == 10);
  CHECK(fetched.sent == 10);
  CHECK(fetched.bytes == 10 * kEmpty.size());
  CHECK(std::all_of(
      fetched.answers.begin(), fetched.answers.end(), [](const evenkeel::Answer& answer) {
        return answer.result.has_value() && answer.bytes == kEmpty.size() && answer.took > 0ms;
      }));
  const HttpRequest request = rig.transport.requests().front();
  CHECK(Contains(request, "&time=1700000000.000"));
  CHECK(request.deadline <= 60s);
  CHECK(request.max_body == FetchLimits{}.max_body);
}

TEST_CASE("each way of failing is an answer that names the source and the reason") {
  struct Row {
    Exchange exchange;
    ErrorKind kind;
    std::string words;
  };
  const std::vector<Row> rows = {
      {Says(400, kSyntaxError), ErrorKind::kInvalid, "parse error: unexpected end"},
      {Says(422, R"({"status":"error","errorType":"execution","error":"too many samples"})"),
       ErrorKind::kInvalid, "too many samples"},
      {Says(503, R"({"status":"error","errorType":"timeout","error":"query timed out"})"),
       ErrorKind::kTimeout, "query timed out"},
      {Says(503, "down"), ErrorKind::kUnavailable, "503"},
      {Says(404, "404 page not found"), ErrorKind::kNotFound, "path prefix"},
      {Says(429, ""), ErrorKind::kThrottled, "429"},
      {Says(200, kEmpty.substr(0, 40)), ErrorKind::kMalformed, "cut off"},
      {Fails(ErrorKind::kUnavailable, "connection refused"), ErrorKind::kUnavailable, "refused"},
      {Fails(ErrorKind::kTls, "certificate has expired"), ErrorKind::kTls, "expired"},
      {Fails(ErrorKind::kTooLarge, "over 16 MiB"), ErrorKind::kTooLarge, "16 MiB"},
      {Fails(ErrorKind::kTimeout, "no answer in 5s"), ErrorKind::kTimeout, "no answer"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    Rig rig([&](const HttpRequest&) { return row.exchange; });
    const Fetched fetched = rig.fetcher.Fetch(OwnQueries(1), 5s, {});
    REQUIRE(fetched.answers.size() == 1);
    REQUIRE_FALSE(fetched.answers[0].result);
    const Error& error = fetched.answers[0].result.error();
    CHECK(error.kind == row.kind);
    CHECK_THAT(error.message, Catch::StartsWith("source \"default\": "));
    CHECK_THAT(error.message, Catch::Contains(row.words));
  }
}

TEST_CASE("a silent source fails by the deadline and holds nobody up") {
  Rig rig([](const HttpRequest&) { return Exchange{.until_stopped = true}; });
  const Stopwatch watch;
  const Fetched fetched = rig.fetcher.Fetch(OwnQueries(6), 200ms, {});
  CHECK(watch.Elapsed() < 5s);
  CHECK(rig.transport.requests().size() == 4);
  REQUIRE(fetched.answers.size() == 6);
  for (const evenkeel::Answer& answer : fetched.answers) {
    REQUIRE_FALSE(answer.result);
    CHECK(answer.result.error().kind == ErrorKind::kTimeout);
    CHECK_THAT(answer.result.error().message, Catch::Contains("deadline"));
  }
}

TEST_CASE("a request to stop ends the fetch at once") {
  Rig rig([](const HttpRequest&) { return Exchange{.until_stopped = true}; });
  std::stop_source stop;
  std::jthread stopper([&] {
    Await([&] { return rig.transport.requests().size() == 2; });
    stop.request_stop();
  });
  const Stopwatch watch;
  const Fetched fetched = rig.fetcher.Fetch(OwnQueries(2), 60s, stop.get_token());
  CHECK(watch.Elapsed() < 20s);
  REQUIRE(fetched.answers.size() == 2);
  CHECK(fetched.answers[0].result.error().kind == ErrorKind::kCancelled);
}

TEST_CASE("at most four queries of a source are under way at once") {
  // Each exchange waits until four have come; a fifth at once would be seen.
  struct Gate : HttpTransport {
    Result<HttpResponse> Send(const HttpRequest&, std::stop_token stop) override {
      std::unique_lock lock(mutex);
      most = std::max(most, ++now);
      arrived.notify_all();
      arrived.wait_for(lock, stop, 5s, [this] { return most >= 4; });
      --now;
      return HttpResponse{200, {}, kEmpty};
    }
    Result<HttpResponse> Stream(const HttpRequest&, const OnData&, std::stop_token) override {
      return Error{};
    }
    std::mutex mutex;
    std::condition_variable_any arrived;
    int now = 0;
    int most = 0;
  };
  auto gate = std::make_unique<Gate>();
  const Gate& seen = *gate;
  Fetcher fetcher(Rig::Named(std::move(gate)));
  CHECK(fetcher.Fetch(OwnQueries(20), 30s, {}).answers.size() == 20);
  CHECK(seen.most == 4);
}

TEST_CASE("one bad target does not blind the others of its batch") {
  Rig rig([](const HttpRequest& request) {
    // "svc3" stands alone or between others, as "svc3" or "|svc3|", never as "svc30".
    const bool bad = Contains(request, "svc3%7C") || Contains(request, "svc3%29");
    return bad ? Says(422, kSyntaxError) : Says(200, kEmpty);
  });
  const Fetched fetched = rig.fetcher.Fetch(Batch(64), 20s, {});
  std::size_t answered = 0;
  std::vector<std::string> failed;
  for (const evenkeel::Answer& answer : fetched.answers) {
    if (answer.result) answered += answer.query.members.size();
    if (answer.result) continue;
    for (const Member& member : answer.query.members) failed.push_back(member.values[1]);
  }
  CHECK(answered == 63);
  CHECK(failed == std::vector<std::string>{"svc3"});
  CHECK(fetched.sent == 13);
}

TEST_CASE("the parts of a batch take its place, before what may wait longer") {
  Rig rig(
      [](const HttpRequest& request) {
        const bool both = Contains(request, "svc0") && Contains(request, "svc1");
        return both ? Says(422, kSyntaxError) : Says(200, kEmpty);
      },
      {.parallel = 1});
  Plan plan = Batch(2);
  REQUIRE(plan.queries.size() == 1);
  plan.queries.push_back(OwnQueries(1).queries.front());
  CHECK(rig.fetcher.Fetch(plan, 20s, {}).sent == 4);
  CHECK(Contains(rig.transport.requests().back(), "query=q0&"));
}

TEST_CASE("a source that refuses everything is not flooded with parts of batches") {
  Rig rig([](const HttpRequest&) { return Says(422, kSyntaxError); });
  const Fetched fetched = rig.fetcher.Fetch(Batch(100), 20s, {});
  CHECK(fetched.sent == 1 + 2 * FetchLimits{}.max_splits);
  std::size_t members = 0;
  for (const evenkeel::Answer& answer : fetched.answers) members += answer.query.members.size();
  CHECK(members == 100);
}

TEST_CASE("an outage lowers the query rate, and the first answer ends it") {
  std::atomic<bool> up = false;
  Rig rig(
      [&](const HttpRequest&) {
        return up ? Says(200, kEmpty) : Fails(ErrorKind::kUnavailable, "connection refused");
      },
      {.parallel = 1});
  CHECK(rig.fetcher.Fetch(OwnQueries(20), 5s, {}).sent == 3);
  const Fetched second = rig.fetcher.Fetch(OwnQueries(20), 5s, {});
  CHECK(second.sent == 0);
  CHECK_THAT(second.answers[0].result.error().message,
             Catch::Contains("not asked again yet after failures, the last: connection refused"));
  up = true;
  // The time to ask again may come in the middle of a fetch: the next one is asked in full.
  REQUIRE(Await([&] { return rig.fetcher.Fetch(OwnQueries(20), 5s, {}).sent > 0; }));
  const Fetched after = rig.fetcher.Fetch(OwnQueries(20), 5s, {});
  CHECK(after.sent == 20);
  CHECK(after.answers.back().result.has_value());
}

TEST_CASE("queries that are late while others are answered open no breaker") {
  Rig rig([](const HttpRequest& request) {
    const bool slow = Contains(request, "query=q1&") || Contains(request, "query=q2&") ||
                      Contains(request, "query=q3&");
    return slow ? Exchange{.until_stopped = true} : Says(200, kEmpty);
  });
  for (int round = 0; round < 3; ++round) {
    const Fetched fetched = rig.fetcher.Fetch(OwnQueries(6), 200ms, {});
    CHECK(fetched.sent == 6);
    CHECK(std::ranges::count_if(fetched.answers, [](const evenkeel::Answer& answer) {
            return answer.result.has_value();
          }) == 3);
  }
}

TEST_CASE("a source that refuses queries is well: refusals open no breaker") {
  Rig rig([](const HttpRequest&) { return Says(400, kSyntaxError); });
  CHECK(rig.fetcher.Fetch(OwnQueries(20), 5s, {}).sent == 20);
  CHECK(rig.fetcher.Fetch(OwnQueries(20), 5s, {}).sent == 20);
}

TEST_CASE("an unknown source fails its own queries only, and says which are known") {
  Rig rig([](const HttpRequest&) { return Says(200, kEmpty); });
  Plan plan = OwnQueries(1);
  const Plan other = OwnQueries(1, "thanos");
  plan.queries.push_back(other.queries.front());
  const Fetched fetched = rig.fetcher.Fetch(plan, 5s, {});
  REQUIRE(fetched.answers.size() == 2);
  for (const evenkeel::Answer& answer : fetched.answers) {
    CHECK(answer.result.has_value() == (answer.query.source == "default"));
    if (!answer.result) {
      CHECK(answer.result.error().message ==
            "metrics.source: no source \"thanos\" is configured; known are: default");
    }
  }
}

TEST_CASE("a source that hangs leaves another source's answers whole") {
  Sources sources;
  sources.emplace("hangs", std::make_unique<ScriptedTransport>(
                               [](const HttpRequest&) { return Exchange{.until_stopped = true}; }));
  sources.emplace("default", std::make_unique<ScriptedTransport>(
                                 [](const HttpRequest&) { return Says(200, kEmpty); }));
  Fetcher fetcher(std::move(sources));
  Plan plan = OwnQueries(5);
  for (const PlannedQuery& query : OwnQueries(5, "hangs").queries) plan.queries.push_back(query);
  for (const evenkeel::Answer& answer : fetcher.Fetch(plan, 300ms, {}).answers) {
    CHECK(answer.result.has_value() == (answer.query.source == "default"));
  }
}

TEST_CASE("over a real connection: a cut body, a huge one, silence and a closed port") {
  const auto ask = [](const std::string& url, FetchLimits limits = {}) {
    Fetcher fetcher(Rig::Named(Connect({.base_url = url})), limits);
    return fetcher.Fetch(OwnQueries(1), 1s, {}).answers.at(0).result;
  };
  const RawServer cut([](Connection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"status\":\"succ");
  });
  CHECK(ask(cut.url()).error().kind == ErrorKind::kUnavailable);

  const RawServer huge(Repeat(test::Answer(200, std::string(100'000, 'x'))));
  CHECK(ask(huge.url(), {.max_body = 10'000}).error().kind == ErrorKind::kTooLarge);

  const RawServer silent([](Connection& connection) { connection.WaitForClose(); });
  CHECK(ask(silent.url()).error().kind == ErrorKind::kTimeout);

  CHECK(ask("http://127.0.0.1:1").error().kind == ErrorKind::kUnavailable);
}
