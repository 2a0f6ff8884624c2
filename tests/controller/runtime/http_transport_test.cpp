#include "controller/runtime/http_transport.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/support/transport_fixture.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

TEST_CASE("a request arrives byte for byte as it was built") {
  std::string seen;
  RawServer server([&](Connection& connection) {
    seen = connection.ReadRequest();
    connection.Write(Answer(201, "made", "X-Answer: yes\r\n"));
  });
  const auto transport = Connect({.base_url = server.url() + "/prefix", .user_agent = "ek/1"});
  const auto response = transport->Send(
      {.method = "PATCH",
       .target = "/apis/a%2Fb?fieldManager=x&q=%7B%22a%22%3A1%7D+",
       .headers = {{"Content-Type", "application/merge-patch+json"}, {"Accept", "text/x"}},
       .body = R"({"replicas":3})"},
      {});
  REQUIRE(response);
  CHECK(response->status == 201);
  CHECK(response->body == "made");
  CHECK(response->headers.at("x-answer") == "yes");
  CHECK_THAT(seen,
             Catch::StartsWith(
                 "PATCH /prefix/apis/a%2Fb?fieldManager=x&q=%7B%22a%22%3A1%7D+ HTTP/1.1\r\n"));
  CHECK(HeaderOf(seen, "Host") == "127.0.0.1:" + std::to_string(server.port()));
  CHECK(HeaderOf(seen, "Content-Type") == "application/merge-patch+json");
  CHECK(HeaderOf(seen, "Accept") == "text/x");
  CHECK(HeaderOf(seen, "User-Agent") == "ek/1");
  CHECK(HeaderOf(seen, "Content-Length") == "14");
  CHECK_THAT(seen, Catch::EndsWith("\r\n\r\n{\"replicas\":3}"));
  CHECK_THAT(seen, !Contains("Authorization") && !Contains("Accept-Encoding"));
}

TEST_CASE("any status is a response, not an error") {
  const int status = GENERATE(200, 302, 400, 401, 404, 409, 410, 429, 500, 503);
  RawServer server(Repeat(Answer(status, "text", "Retry-After: 7\r\n")));
  const auto response = Connect({.base_url = server.url()})->Send(Get("/"), {});
  REQUIRE(response);
  CHECK(response->status == status);
  CHECK(response->body == "text");
  CHECK(response->headers.at("Retry-After") == "7");
}

TEST_CASE("a response without a body ends at its head") {
  RawServer server(Repeat("HTTP/1.1 204 No Content\r\n\r\n"));
  const auto response = Connect({.base_url = server.url()})->Send(Get("/"), {});
  REQUIRE(response);
  CHECK(response->status == 204);
  CHECK(response->body.empty());
}

TEST_CASE("no redirect is followed, so that no token travels") {
  RawServer elsewhere(Repeat(Answer(200, "stolen")));
  RawServer server(Repeat(Answer(302, "", "Location: " + elsewhere.url() + "/\r\n")));
  const auto response =
      Connect({.base_url = server.url(), .bearer_token = "secret"})->Send(Get("/"), {});
  REQUIRE(response);
  CHECK(response->status == 302);
  CHECK(elsewhere.connections() == 0);
}

TEST_CASE("a body is put together from its chunks, wherever the bytes are cut") {
  RawServer server([](Connection& connection) {
    connection.ReadRequest();
    // "é" cut in its middle, and a chunk's size cut in its middle.
    for (const char* piece :
         {"HTTP/1.1 200 OK\r\nTransfer-Enc", "oding: chunked\r\n\r\n5\r\ncaf\xc3", "\xa9\r\n1",
          "0\r\n0123456789", "abcdef\r", "\n0\r\n\r", "\n"}) {
      connection.Write(piece);
      connection.Pause(5ms);
    }
    connection.WaitForClose();
  });
  const auto response = Connect({.base_url = server.url()})->Send(Get("/"), {});
  REQUIRE(response);
  CHECK(response->body ==
        "caf\xc3\xa9"
        "0123456789abcdef");
}

TEST_CASE("a body without length or chunks ends with the connection") {
  RawServer server([](Connection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it");
  });
  const auto response = Connect({.base_url = server.url()})->Send(Get("/"), {});
  REQUIRE(response);
  CHECK(response->body == "all of it");
}

TEST_CASE("the deadline bounds the whole exchange, also while bytes keep dripping") {
  RawServer server([](Connection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (connection.WriteChunk("x")) connection.Pause(10ms);
  });
  const Stopwatch watch;
  const auto response = Connect({.base_url = server.url()})->Send(Get("/slow", 300ms), {});
  REQUIRE_FALSE(response);
  CHECK(response.error().kind == ErrorKind::kTimeout);
  CHECK_THAT(response.error().message,
             Contains("GET " + server.url() + "/slow: ") && Contains("within 300ms"));
  CHECK(watch.Elapsed() >= 300ms);
  CHECK(watch.Elapsed() < 10s);
}

TEST_CASE("a server that takes the request and says nothing meets the deadline") {
  RawServer server([](Connection& connection) { connection.WaitForClose(); });
  const auto response = Connect({.base_url = server.url()})->Send(Get("/", 200ms), {});
  REQUIRE_FALSE(response);
  CHECK(response.error().kind == ErrorKind::kTimeout);
}

TEST_CASE("a request to stop ends a silent exchange at once") {
  RawServer server([](Connection& connection) { connection.WaitForClose(); });
  const auto transport = Connect({.base_url = server.url()});
  std::stop_source source;
  std::jthread stopper([&] {
    Await([&] { return server.connections() > 0; });
    source.request_stop();
  });
  const Stopwatch watch;
  const auto response = transport->Send(Get("/", 60s), source.get_token());
  REQUIRE_FALSE(response);
  CHECK(response.error().kind == ErrorKind::kCancelled);
  CHECK(watch.Elapsed() < 10s);
}

TEST_CASE("a refused connection is unavailable and says where") {
  std::string url;
  {
    url = RawServer(Repeat("")).url();
  }
  const auto response = Connect({.base_url = url})->Send(Get("/x"), {});
  REQUIRE_FALSE(response);
  CHECK(response.error().kind == ErrorKind::kUnavailable);
  CHECK_THAT(response.error().message, Contains(url + "/x: ") && Contains("refused"));
}

TEST_CASE("a host that does not exist is unavailable and says so") {
  const auto response = Connect({.base_url = "http://nowhere.invalid"})->Send(Get("/x"), {});
  REQUIRE_FALSE(response);
  CHECK(response.error().kind == ErrorKind::kUnavailable);
  CHECK_THAT(response.error().message, Contains("nowhere.invalid") && Contains("resolved"));
}

TEST_CASE("an answer that is cut off is unavailable") {
  const std::string beginning = GENERATE(
      as<std::string>{}, "", "HTTP/1.1 200 O", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"it",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n");
  const bool reset = GENERATE(false, true);
  RawServer server([&](Connection& connection) {
    connection.ReadRequest();
    connection.Write(beginning);
    if (reset) connection.Reset();
  });
  const auto response = Connect({.base_url = server.url()})->Send(Get("/"), {});
  CAPTURE(beginning, reset);
  REQUIRE_FALSE(response);
  CHECK(response.error().kind == ErrorKind::kUnavailable);
  CHECK_THAT(response.error().message, Contains("onnection"));
  CHECK(server.connections() == 1);
}

TEST_CASE("what is not HTTP is malformed") {
  const std::string answer =
      GENERATE(as<std::string>{}, "SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n",
               "HTTP/1.1 99 Odd\r\nContent-Length: 0\r\n\r\n",
               "HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n",
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
  RawServer server([&](Connection& connection) {
    connection.ReadRequest();
    connection.Write(answer);
    connection.WaitForClose();
  });
  const auto response = Connect({.base_url = server.url()})->Send(Get("/"), {});
  CAPTURE(answer);
  REQUIRE_FALSE(response);
  CHECK(response.error().kind == ErrorKind::kMalformed);
}

TEST_CASE("a body larger than its bound is refused while it comes") {
  constexpr std::size_t kBound = 1 << 20;
  const std::string head = GENERATE(as<std::string>{}, "Content-Length: 1048577\r\n",
                                    "Transfer-Encoding: chunked\r\n", "Connection: close\r\n");
  std::atomic<std::size_t> written = 0;
  RawServer server([&](Connection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 200 OK\r\n" + head + "\r\n");
    const std::string piece(64 << 10, 'x');
    const bool chunked = head.starts_with("Transfer");
    while (written < 64 * kBound &&
           (chunked ? connection.WriteChunk(piece) : connection.Write(piece))) {
      written += piece.size();
    }
  });
  HttpRequest request = Get("/");
  request.max_body = kBound;
  const auto response = Connect({.base_url = server.url()})->Send(request, {});
  CAPTURE(head);
  REQUIRE_FALSE(response);
  CHECK(response.error().kind == ErrorKind::kTooLarge);
  CHECK_THAT(response.error().message, Contains("1048576 bytes"));
  CHECK(written < 16 * kBound);  // the rest are the kernel's socket buffers
}

TEST_CASE("a body of exactly its bound is taken") {
  RawServer server(Repeat(Answer(200, std::string(1000, 'x'))));
  HttpRequest request = Get("/");
  request.max_body = 1000;
  const auto response = Connect({.base_url = server.url()})->Send(request, {});
  REQUIRE(response);
  CHECK(response->body.size() == 1000);
}

TEST_CASE("requests from many threads share one transport") {
  RawServer server([](Connection& connection) {
    for (std::string request; !(request = connection.ReadRequest()).empty();) {
      connection.Write(Answer(200, request.substr(4, request.find(' ', 4) - 4)));
    }
  });
  const auto transport = Connect({.base_url = server.url()});
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 25; ++i) {
          const std::string path = "/" + std::to_string(t) + "/" + std::to_string(i);
          const auto response = transport->Send(Get(path), {});
          right += response && response->body == path ? 1 : 0;
        }
      });
    }
  }
  CHECK(right == 200);
  CHECK(server.connections() <= 8);
}

TEST_CASE("a server URL that cannot be used is refused with the reason") {
  const auto [url, reason] =
      GENERATE(table<std::string, std::string>({{"", "https://"},
                                                {"10.0.0.1:6443", "https://"},
                                                {"ftp://h", "https://"},
                                                {"https://", "host"},
                                                {"https://h?x=1", "query"},
                                                {"https://me:pw@h", "user"},
                                                {"http://[::1]:80", "IPv6"},
                                                {"http://a b", "URL"}}));
  const auto transport = MakeHttpTransport({.base_url = url});
  CAPTURE(url);
  REQUIRE_FALSE(transport);
  CHECK(transport.error().kind == ErrorKind::kInvalid);
  CHECK_THAT(transport.error().message, Contains(reason));
  const bool secret = url.find_first_of("?@") != std::string::npos;  // perhaps: so it is not shown
  CHECK((transport.error().message.find(url) == std::string::npos) == secret);
}

TEST_CASE("a target that is not a path is refused") {
  const std::string target = GENERATE("", "x", "//host/x", "/a b", "http://host/");
  const auto response = Connect({.base_url = "http://127.0.0.1:1"})->Send(Get(target), {});
  CAPTURE(target);
  REQUIRE_FALSE(response);
  CHECK(response.error().kind == ErrorKind::kInvalid);
}
