#include <openssl/ssl.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>

#include "controller/runtime/http_transport.hpp"
#include "support/catch.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/transport_fixture.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

const RawServer::Script kOk = Repeat(Answer(200, "ok"));

// The message of the kTls error that must come.
std::string Refusal(HttpTransport& transport) {
  const auto response = transport.Send(Get("/"), {});
  REQUIRE_FALSE(response);
  CHECK(response.error().kind == ErrorKind::kTls);
  return response.error().message;
}

std::string Refusal(const ServerConfig& config) { return Refusal(*Connect(config)); }

int StatusOf(HttpTransport& transport) {
  const auto response = transport.Send(Get("/"), {});
  return response ? response->status : 0;
}

int StatusOf(const ServerConfig& config) { return StatusOf(*Connect(config)); }

std::string Localhost(const RawServer& server) {
  return "https://localhost:" + std::to_string(server.port());
}

}  // namespace

TEST_CASE("a certificate for the address is taken") {
  const Authority authority;
  const RawServer server(kOk, MakeServerTls(authority.Issue({.names = "IP:127.0.0.1"})));
  const TempDir directory;
  CHECK(StatusOf({.base_url = server.url(), .ca_pem = authority.certificate()}) == 200);
  CHECK(StatusOf({.base_url = server.url(),
                  .ca_file = directory.Write("ca", authority.certificate())}) == 200);
}

TEST_CASE("a certificate for the name is taken, and the name is told to the server") {
  const Authority authority;
  std::mutex mutex;
  std::string name;
  const RawServer server(
      [&](Connection& connection) {
        const std::lock_guard lock(mutex);
        name = connection.server_name();
        kOk(connection);
      },
      MakeServerTls(authority.Issue({.names = "DNS:localhost,DNS:*.example.test"})));
  SECTION("the URL's host") {
    CHECK(StatusOf({.base_url = Localhost(server), .ca_pem = authority.certificate()}) == 200);
    const std::lock_guard lock(mutex);
    CHECK(name == "localhost");
  }
  SECTION("tls_server_name") {
    CHECK(StatusOf({.base_url = server.url(),
                    .ca_pem = authority.certificate(),
                    .tls_server_name = "api.example.test"}) == 200);
    const std::lock_guard lock(mutex);
    CHECK(name == "api.example.test");
  }
}

TEST_CASE("no name is told to a server that is reached by address") {
  const Authority authority;
  std::mutex mutex;
  std::string name = "unset";
  const RawServer server(
      [&](Connection& connection) {
        const std::lock_guard lock(mutex);
        name = connection.server_name();
        kOk(connection);
      },
      MakeServerTls(authority.Issue()));
  CHECK(StatusOf({.base_url = server.url(), .ca_pem = authority.certificate()}) == 200);
  const std::lock_guard lock(mutex);
  CHECK(name.empty());
}

TEST_CASE("a certificate for another name or address is refused") {
  const Authority authority;
  const RawServer server(kOk,
                         MakeServerTls(authority.Issue({.names = "DNS:other.test,IP:127.0.0.2"})));
  const std::string ca = authority.certificate();
  CHECK_THAT(Refusal({.base_url = server.url(), .ca_pem = ca}),
             Contains("certificate was refused") && Contains("not for '127.0.0.1'"));
  CHECK_THAT(Refusal({.base_url = Localhost(server), .ca_pem = ca}),
             Contains("not for 'localhost'"));
  CHECK_THAT(Refusal({.base_url = server.url(), .ca_pem = ca, .tls_server_name = "third.test"}),
             Contains("not for 'third.test'"));
}

TEST_CASE("a common name is not a host name") {
  const Authority authority;
  const RawServer server(kOk,
                         MakeServerTls(authority.Issue({.names = "", .common_name = "localhost"})));
  CHECK_THAT(Refusal({.base_url = Localhost(server), .ca_pem = authority.certificate()}),
             Contains("not for 'localhost'"));
}

TEST_CASE("an expired certificate is refused") {
  const Authority authority;
  const RawServer server(kOk, MakeServerTls(authority.Issue({.expires_in = -60s})));
  CHECK_THAT(Refusal({.base_url = server.url(), .ca_pem = authority.certificate()}),
             Contains("expired"));
}

TEST_CASE("a certificate of an unknown authority is refused") {
  const Authority authority;
  const Authority other;
  const RawServer server(kOk, MakeServerTls(authority.Issue()));
  CHECK_THAT(Refusal({.base_url = server.url(), .ca_pem = other.certificate()}),
             Contains("certificate was refused"));
  // Without a CA the system's are trusted, which this one is not among.
  CHECK_THAT(Refusal({.base_url = server.url()}), Contains("certificate was refused"));
}

TEST_CASE("any of several authorities will do") {
  const Authority authority;
  const Authority other;
  const RawServer server(kOk, MakeServerTls(authority.Issue()));
  CHECK(StatusOf({.base_url = server.url(),
                  .ca_pem = other.certificate() + authority.certificate()}) == 200);
}

TEST_CASE("nothing is verified when told so") {
  const Authority authority;
  const RawServer server(
      kOk, MakeServerTls(authority.Issue({.names = "DNS:other.test", .expires_in = -60s})));
  CHECK(StatusOf({.base_url = server.url(), .insecure_skip_tls_verify = true}) == 200);
}

TEST_CASE("TLS below 1.2 is refused") {
  const Authority authority;
  const Identity identity = authority.Issue();
  const std::string ca = authority.certificate();
  const RawServer old(kOk, MakeServerTls(identity, {.max_version = TLS1_1_VERSION}));
  CHECK_THAT(Refusal({.base_url = old.url(), .ca_pem = ca}), Contains("TLS"));
  const RawServer current(kOk, MakeServerTls(identity, {.max_version = TLS1_2_VERSION}));
  CHECK(StatusOf({.base_url = current.url(), .ca_pem = ca}) == 200);
}

TEST_CASE("a server that does not speak TLS is a TLS error") {
  const RawServer server([](Connection& connection) {
    connection.Write("HTTP/1.1 400 Bad Request\r\n\r\n");
    connection.WaitForClose();
  });
  CHECK_THAT(Refusal({.base_url = "https://127.0.0.1:" + std::to_string(server.port()),
                      .insecure_skip_tls_verify = true}),
             Contains("TLS"));
}

TEST_CASE("a client certificate is shown where one is required") {
  const Authority authority;
  const Authority clients;
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  const RawServer server(
      kOk, MakeServerTls(authority.Issue(),
                         {.client_authority = clients.certificate(), .max_version = version}));
  const ServerConfig anonymous{.base_url = server.url(), .ca_pem = authority.certificate()};
  CHECK_THAT(Refusal(anonymous), Contains("TLS"));

  ServerConfig named = anonymous;
  const Identity client = clients.Issue({.names = "", .common_name = "evenkeel"});
  named.client_certificate_pem = client.certificate;
  named.client_key_pem = client.key;
  CHECK(StatusOf(named) == 200);

  const Identity stranger = authority.Issue();
  named.client_certificate_pem = stranger.certificate;
  named.client_key_pem = stranger.key;
  CHECK_THAT(Refusal(named), Contains("TLS"));
}

TEST_CASE("a key that does not belong to its certificate is refused at once") {
  const Authority authority;
  const auto transport = MakeHttpTransport({.base_url = "https://127.0.0.1:1",
                                            .client_certificate_pem = authority.Issue().certificate,
                                            .client_key_pem = authority.Issue().key});
  REQUIRE_FALSE(transport);
  CHECK(transport.error().kind == ErrorKind::kInvalid);
  CHECK_THAT(transport.error().message, Contains("client key"));
}

TEST_CASE("a CA file that is replaced takes effect without a restart") {
  const Authority before;
  const Authority after;
  RawServer server(kOk, MakeServerTls(before.Issue()));
  const TempDir directory;
  const auto transport =
      Connect({.base_url = server.url(), .ca_file = directory.Write("ca", before.certificate())});
  CHECK(StatusOf(*transport) == 200);
  server.set_tls(MakeServerTls(after.Issue()));
  directory.Write("ca", after.certificate());
  CHECK(Await([&] { return StatusOf(*transport) == 200 && server.connections() > 1; }));
}

TEST_CASE("a CA file that is broken for a while leaves the old one in use and says so") {
  const Authority authority;
  const Authority other;
  RawServer server(kOk, MakeServerTls(authority.Issue()));
  const TempDir directory;
  const auto transport = Connect(
      {.base_url = server.url(), .ca_file = directory.Write("ca", authority.certificate())});
  directory.Write("ca", "-----BEGIN CERT");
  CHECK(StatusOf(*transport) == 200);
  server.set_tls(MakeServerTls(other.Issue()));
  const HttpRequest alone{.method = "POST", .target = "/"};  // a connection of its own
  CHECK(Await([&] {
    const auto response = transport->Send(alone, {});
    return !response && response.error().message.find("not in use: CA cert") != std::string::npos;
  }));
}

TEST_CASE("a client certificate that is replaced takes effect without a restart") {
  const Authority authority;
  const Authority before;
  const Authority after;
  RawServer server(kOk,
                   MakeServerTls(authority.Issue(), {.client_authority = before.certificate()}));
  const TempDir directory;
  const auto write = [&](const Identity& identity) {
    directory.Write("key", identity.key);
    return directory.Write("crt", identity.certificate);
  };
  const auto transport = Connect({.base_url = server.url(),
                                  .ca_pem = authority.certificate(),
                                  .client_certificate_file = write(before.Issue()),
                                  .client_key_file = (directory.path() / "key").string()});
  CHECK(StatusOf(*transport) == 200);
  server.set_tls(MakeServerTls(authority.Issue(), {.client_authority = after.certificate()}));
  write(after.Issue());
  CHECK(Await([&] { return StatusOf(*transport) == 200 && server.connections() > 1; }));
}

TEST_CASE("a stream over TLS passes pieces on as they come and ends when told") {
  const Authority authority;
  std::atomic<int> received = 0;
  const RawServer server(
      [&](Connection& connection) {
        connection.ReadRequest();
        connection.Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 5; ++i) {
          connection.WriteChunk("x");
          if (!Await([&] { return received > i; })) return;
        }
        connection.WaitForClose();
      },
      MakeServerTls(authority.Issue()));
  const auto response =
      Connect({.base_url = server.url(), .ca_pem = authority.certificate()})
          ->Stream(Get("/"),
                   [&](std::string_view piece) { return (received += piece.empty() ? 0 : 1) < 5; },
                   {});
  REQUIRE(response);
  CHECK(received == 5);
}

TEST_CASE("a kept-alive TLS connection that the server has closed is replaced") {
  const Authority authority;
  const bool regular = GENERATE(true, false);
  std::atomic<int> closed = 0;
  const RawServer server(
      [&](Connection& connection) {
        connection.ReadRequest();
        connection.Write(Answer(200, "ok"));
        connection.Pause(50ms);
        if (!regular) connection.Reset();
        ++closed;
      },
      MakeServerTls(authority.Issue()));
  const auto transport = Connect({.base_url = server.url(), .ca_pem = authority.certificate()});
  for (int i = 1; i <= 3; ++i) {
    CAPTURE(i, regular);
    CHECK(StatusOf(*transport) == 200);
    REQUIRE(Await([&] { return closed == i; }));
  }
}
