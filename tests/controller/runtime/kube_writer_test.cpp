#include "controller/runtime/kube_writer.hpp"

#include <chrono>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/scripted_transport.hpp"

namespace evenkeel {
namespace {

using std::chrono::hours;
using std::chrono::steady_clock;
using test::Exchange;
using test::ScriptedTransport;

ErrorKind Write(KubeWriter& writer, const std::string& name, std::stop_token stop = {}) {
  const auto done = writer.PatchStatus({"shop", name}, "uid", {}, {{"a", 1}}, std::move(stop));
  return done ? ErrorKind::kInvalid : done.error().kind;
}

Exchange Answered() {
  return {.headers = {{"Content-Type", "application/json"}},
          .body = R"({"metadata": {"namespace": "shop", "name": "a"}, "status": {}})"};
}

Exchange Late() { return {.error = Error{ErrorKind::kTimeout, "no answer within 10 s", {}}}; }

TEST_CASE("kube writer: writes wait for their tokens while the round is patient") {
  ScriptedTransport kube([](const HttpRequest&) { return Answered(); });
  KubeWriter writer(kube, TokenBucket(1000, 1, steady_clock::now()), hours(1));
  for (int i = 0; i < 20; ++i) CHECK(Write(writer, "a") == ErrorKind::kInvalid);
  CHECK(kube.requests().size() == 20);
}

TEST_CASE("kube writer: without patience what has no token is refused") {
  ScriptedTransport kube([](const HttpRequest&) { return Answered(); });
  KubeWriter writer(kube, TokenBucket(1e-3, 2, steady_clock::now()), std::chrono::minutes(1));
  Write(writer, "a");
  Write(writer, "a");
  CHECK(Write(writer, "a") == ErrorKind::kThrottled);
  CHECK(kube.requests().size() == 2);
}

TEST_CASE("kube writer: patience is for all writes of a round") {
  ScriptedTransport kube([](const HttpRequest&) { return Answered(); });
  // A token comes every second: only a machine that stands still for most of it has another in
  // time.
  KubeWriter writer(kube, TokenBucket(1, 1, steady_clock::now()), std::chrono::milliseconds(1200));
  Write(writer, "a");
  CHECK(Write(writer, "a") == ErrorKind::kInvalid);  // waits for it
  CHECK(Write(writer, "a") == ErrorKind::kThrottled);
  writer.BeginRound();
  CHECK(Write(writer, "a") == ErrorKind::kInvalid);
}

TEST_CASE("kube writer: who is stopped does not wait") {
  ScriptedTransport kube([](const HttpRequest&) { return Answered(); });
  KubeWriter writer(kube, TokenBucket(1e-3, 1, steady_clock::now()), hours(1));
  Write(writer, "a");
  std::stop_source stop;
  stop.request_stop();
  CHECK(Write(writer, "a", stop.get_token()) == ErrorKind::kThrottled);
}

TEST_CASE("kube writer: one object that is late does not make the API server unreachable") {
  ScriptedTransport kube([](const HttpRequest& request) {
    return request.target.find("/slow") == std::string::npos ? Answered() : Late();
  });
  KubeWriter writer(kube, TokenBucket(1e6, 1000, {}), {});
  CHECK(Write(writer, "slow") == ErrorKind::kTimeout);
  CHECK(Write(writer, "slow") == ErrorKind::kTimeout);
  CHECK(Write(writer, "a") == ErrorKind::kInvalid);
  CHECK(Write(writer, "slower") == ErrorKind::kTimeout);
  CHECK(Write(writer, "a") == ErrorKind::kCancelled);
  writer.BeginRound();
  CHECK(Write(writer, "a") == ErrorKind::kInvalid);
}

TEST_CASE("kube writer: an event that is late ends the round's events, and nothing else") {
  ScriptedTransport kube([](const HttpRequest& request) {
    return request.target.find("/events") != std::string::npos ? Late() : Answered();
  });
  KubeWriter writer(kube, TokenBucket(1e6, 1000, {}), {});
  const auto send = [&] { return writer.SendEvent({}, {}, {}).error().kind; };
  CHECK(send() == ErrorKind::kTimeout);
  CHECK(send() == ErrorKind::kCancelled);
  CHECK(Write(writer, "slow") == ErrorKind::kInvalid);
  writer.BeginRound();
  CHECK(send() == ErrorKind::kTimeout);
  CHECK(kube.requests().size() == 3);
}

TEST_CASE("kube writer: after a connection that failed nothing more is tried in the round") {
  ScriptedTransport kube([](const HttpRequest&) {
    return Exchange{.error = Error{ErrorKind::kUnavailable, "connection refused", {}}};
  });
  KubeWriter writer(kube, TokenBucket(1e6, 1000, {}), {});
  Write(writer, "a");
  Write(writer, "b");
  CHECK(kube.requests().size() == 1);
}

}  // namespace
}  // namespace evenkeel
