#include "controller/runtime/ops_server.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "controller/runtime/http_transport.hpp"
#include "support/catch.hpp"
#include "tests/support/process.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/transport_fixture.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

std::unique_ptr<OpsServer> Serve(OpsHandlers handlers) {
  auto server = OpsServer::Start("127.0.0.1:0", std::move(handlers));
  if (!server) FAIL(server.error().message);
  return *std::move(server);
}

std::unique_ptr<OpsServer> ServeHealth() {
  return Serve({{"/healthz", [] { return OpsResponse{.body = "ok\n"}; }}});
}

std::string Url(const OpsServer& server) {
  return "http://127.0.0.1:" + std::to_string(server.port());
}

bool Healthy(const OpsServer& server) {
  const auto response = Connect({.base_url = Url(server)})->Send(Get("/healthz"), {});
  return response && response->body == "ok\n";
}

const std::string kRequest = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

}  // namespace

TEST_CASE("each path is answered by its handler") {
  const auto server = Serve({
      {"/metrics", [] { return OpsResponse{200, "text/plain; version=0.0.4", "up 1\n"}; }},
      {"/readyz", [] { return OpsResponse{.status = 503, .body = "not synced\n"}; }},
      {"/fails", []() -> OpsResponse { throw std::runtime_error("why"); }},
  });
  const auto transport = Connect({.base_url = Url(*server)});
  const auto metrics = transport->Send(Get("/metrics?name=x"), {});
  REQUIRE(metrics);
  CHECK(metrics->status == 200);
  CHECK(metrics->body == "up 1\n");
  CHECK(metrics->headers.at("Content-Type") == "text/plain; version=0.0.4");
  CHECK(transport->Send(Get("/readyz"), {})->status == 503);
  CHECK(transport->Send(Get("/fails"), {})->status == 500);
  CHECK(transport->Send(Get("/metrics/"), {})->status == 404);
  CHECK(transport->Send(Get("/"), {})->status == 404);
}

TEST_CASE("only GET and HEAD are served") {
  const auto server = ServeHealth();
  const auto transport = Connect({.base_url = Url(*server)});
  const auto posted = transport->Send({.method = "POST", .target = "/healthz", .body = "x"}, {});
  REQUIRE(posted);
  CHECK(posted->status == 405);
  CHECK(posted->headers.at("Allow") == "GET, HEAD");
  const auto head = transport->Send({.method = "HEAD", .target = "/healthz"}, {});
  REQUIRE(head);
  CHECK(head->status == 200);
  CHECK(head->headers.at("Content-Length") == "3");
  CHECK(head->body.empty());
}

TEST_CASE("a connection is kept for further requests") {
  const auto server = ServeHealth();
  RawClient client(server->port());
  for (int i = 0; i < 3; ++i) {
    client.Write(kRequest);
    CHECK_THAT(client.ReadUntil("ok\n"), StartsWith("HTTP/1.1 200") && Catch::EndsWith("ok\n"));
  }
  client.Write(kRequest + kRequest);
  CHECK_THAT(client.ReadUntil("ok\n"), StartsWith("HTTP/1.1 200"));
  CHECK_THAT(client.ReadUntil("ok\n"), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("an address that cannot be listened on is named with the reason") {
  const auto fault = [](const std::string& address) {
    const auto server = OpsServer::Start(address, {});
    REQUIRE_FALSE(server);
    CHECK_THAT(server.error().message, Contains("'" + address + "'"));
    return server.error().message;
  };
  const auto server = ServeHealth();
  CHECK_THAT(fault("127.0.0.1:" + std::to_string(server->port())), Contains("in use"));
  CHECK_THAT(fault("192.0.2.1:0"), Contains("assign"));  // TEST-NET-1: never ours
  CHECK_THAT(fault("8080"), Contains("host:port"));
  CHECK_THAT(fault("127.0.0.1:"), Contains("port"));
  CHECK_THAT(fault("127.0.0.1:65536"), Contains("port"));
  CHECK_THAT(fault("example.test:80"), Contains("IP address"));
}

TEST_CASE("localhost, IPv6 and all addresses can be listened on") {
  CHECK(OpsServer::Start("localhost:0", {}));
  const auto all =
      OpsServer::Start(":0", {{"/healthz", [] { return OpsResponse{.body = "ok\n"}; }}});
  REQUIRE(all);
  CHECK(Healthy(**all));
}

TEST_CASE("what is not HTTP is closed") {
  const auto server = ServeHealth();
  RawClient client(server->port());
  client.Write("\x16\x03\x01 hello\r\n\r\n");
  CHECK(client.AwaitClose(20s));
  CHECK(Healthy(*server));
}

TEST_CASE("a request that is not complete in time is dropped, though bytes keep coming") {
  const auto server = ServeHealth();
  RawClient client(server->port());
  client.Write("GET /healthz HTTP/1.1\r\nX: ");
  const Stopwatch watch;
  while (watch.Elapsed() < 25s && client.Write("x") && !client.AwaitClose(100ms)) {
  }
  CHECK(watch.Elapsed() > 4s);
  CHECK(watch.Elapsed() < 20s);
}

TEST_CASE("huge headers are refused and take no memory") {
  const auto server = ServeHealth();
  const std::size_t memory = ProcessStatus("VmRSS");
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 20; ++i) {
    auto client = std::make_unique<RawClient>(server->port());
    client->Write("GET /healthz HTTP/1.1\r\nX: ");
    const std::string piece(64 << 10, 'x');
    for (int k = 0; k < 64 && client->Write(piece); ++k) {
    }
    CHECK(client->AwaitClose(20s));
    clients.push_back(std::move(client));
  }
  if (kMemoryIsOurs) CHECK(ProcessStatus("VmRSS") < memory + 10'000);
  CHECK(Healthy(*server));
}

TEST_CASE("headers just under the limit are taken, above it refused by name") {
  const auto server = ServeHealth();
  RawClient small(server->port());
  small.Write("GET /healthz HTTP/1.1\r\nX: " + std::string(7000, 'x') + "\r\n\r\n");
  CHECK_THAT(small.ReadUntil("ok\n"), StartsWith("HTTP/1.1 200"));
  RawClient large(server->port());
  large.Write("GET /healthz HTTP/1.1\r\nX: " + std::string(8200, 'x'));
  CHECK_THAT(large.ReadUntil("large\n"), StartsWith("HTTP/1.1 431"));
}

TEST_CASE("a thousand idle connections neither starve a probe nor pile up") {
  const auto server = ServeHealth();
  const std::size_t before = OpenDescriptors();
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < 1000; ++i) idle.push_back(std::make_unique<RawClient>(server->port()));
  CHECK(Healthy(*server));
  // Ours, the server's, and a few of the probe's.
  CHECK(
      Await([&] { return OpenDescriptors() <= before + 1000 + OpsServer::kMaxConnections + 10; }));
  idle.clear();
  CHECK(Await([&] { return OpenDescriptors() <= before + 10; }));
}

TEST_CASE("a reader that never takes its answer does not hold up others") {
  const std::string large(16 << 20, 'x');
  const auto server = Serve({{"/large", [&] { return OpsResponse{.body = large}; }},
                             {"/healthz", [] { return OpsResponse{.body = "ok\n"}; }}});
  RawClient stuck(server->port());
  stuck.Write("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(Healthy(*server));
}

TEST_CASE("stopping closes open connections at once") {
  auto server = ServeHealth();
  RawClient client(server->port());
  client.Write(kRequest);
  client.ReadUntil("ok\n");
  const Stopwatch watch;
  server.reset();
  CHECK(client.AwaitClose(20s));
  CHECK(watch.Elapsed() < 20s);  // an idle connection would last 30 s
}
