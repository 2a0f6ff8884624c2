// Which connections requests go over, and what is sent again.
#include <atomic>
#include <chrono>
#include <string>

#include "controller/runtime/http_transport.hpp"
#include "support/catch.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/support/transport_fixture.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using namespace std::chrono_literals;

namespace {

HttpRequest Post(bool idempotent) {
  return {.method = "POST", .target = "/", .body = "{}", .idempotent = idempotent};
}

}  // namespace

TEST_CASE("requests that are safe to repeat share a kept-alive connection") {
  RawServer server(Repeat(Answer(200, "ok")));
  const auto transport = Connect({.base_url = server.url()});
  for (int i = 0; i < 5; ++i) {
    REQUIRE(transport->Send(Get("/"), {}));
    REQUIRE(transport->Send(Post(true), {}));
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("a request that is not safe to repeat has a connection of its own") {
  RawServer server(Repeat(Answer(200, "ok")));
  const auto transport = Connect({.base_url = server.url()});
  REQUIRE(transport->Send(Get("/"), {}));
  REQUIRE(transport->Send(Post(false), {}));
  REQUIRE(transport->Send({.method = "PATCH", .target = "/", .body = "{}"}, {}));
  CHECK(server.connections() == 3);
}

TEST_CASE("a kept-alive connection that the server has closed is replaced") {
  const bool reset = GENERATE(false, true);
  std::atomic<int> closed = 0;
  RawServer server([&](Connection& connection) {
    connection.ReadRequest();
    connection.Write(Answer(200, "ok"));
    connection.Pause(50ms);  // the answer arrives before the end does
    if (reset) connection.Reset();
    ++closed;
  });
  const auto transport = Connect({.base_url = server.url()});
  for (int i = 1; i <= 3; ++i) {
    const auto response = transport->Send(i == 2 ? Post(true) : Get("/"), {});
    CAPTURE(reset, i);
    REQUIRE(response);
    CHECK(response->status == 200);
    REQUIRE(Await([&] { return closed == i; }));
  }
  CHECK(server.connections() == 3);
}

TEST_CASE("a kept-alive connection that closes as the request comes is replaced") {
  std::atomic<int> requests = 0;
  RawServer server([&](Connection& connection) {
    connection.ReadRequest();
    ++requests;
    connection.Write(Answer(200, "ok"));
    if (!connection.ReadRequest().empty()) ++requests;
  });
  const auto transport = Connect({.base_url = server.url()});
  REQUIRE(transport->Send(Get("/"), {}));
  REQUIRE(transport->Send(Get("/"), {}));
  CHECK(requests == 3);
  CHECK(server.connections() == 2);
}

TEST_CASE("a request that was not answered on a new connection is not sent again") {
  std::atomic<int> requests = 0;
  RawServer server([&](Connection& connection) {
    if (!connection.ReadRequest().empty()) ++requests;
  });
  const auto transport = Connect({.base_url = server.url()});
  const bool idempotent = GENERATE(false, true);
  const auto response = transport->Send(Post(idempotent), {});
  REQUIRE_FALSE(response);
  CHECK(response.error().kind == ErrorKind::kUnavailable);
  CHECK(requests == 1);
}

TEST_CASE("a post is never sent twice, even after a connection went idle") {
  std::atomic<int> posts = 0;
  RawServer server([&](Connection& connection) {
    for (std::string request; !(request = connection.ReadRequest()).empty();) {
      if (request.starts_with("POST")) {
        ++posts;
        return;
      }
      connection.Write(Answer(200, "ok"));
    }
  });
  const auto transport = Connect({.base_url = server.url()});
  REQUIRE(transport->Send(Get("/"), {}));
  REQUIRE_FALSE(transport->Send(Post(false), {}));
  CHECK(posts == 1);
}
