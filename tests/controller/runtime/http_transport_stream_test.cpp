#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "controller/runtime/http_transport.hpp"
#include "support/catch.hpp"
#include "tests/support/process.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/support/transport_fixture.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

constexpr std::string_view kChunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

// A watch: one line, then silence.
void OneLineThenSilence(Connection& connection) {
  connection.ReadRequest();
  connection.Write(kChunked);
  connection.WriteChunk("{}\n");
  connection.WaitForClose();
}

}  // namespace

TEST_CASE("each piece is passed on before the next one is sent") {
  const bool chunked = GENERATE(true, false);
  constexpr int kPieces = 5;
  std::atomic<int> received = 0;
  RawServer server([&](Connection& connection) {
    connection.ReadRequest();
    connection.Write(chunked ? kChunked : "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    for (int i = 0; i < kPieces; ++i) {
      chunked ? connection.WriteChunk("line\n") : connection.Write("line\n");
      if (!Await([&] { return received > i; })) return;
    }
    if (chunked) connection.Write("0\r\n\r\n");
  });
  std::string text;
  const auto response = Connect({.base_url = server.url()})
                            ->Stream(Get("/watch"),
                                     [&](std::string_view piece) {
                                       text += piece;
                                       received = static_cast<int>(text.size()) / 5;
                                       return true;
                                     },
                                     {});
  CAPTURE(chunked);
  REQUIRE(response);
  CHECK(response->status == 200);
  CHECK(response->body.empty());
  CHECK(text == "line\nline\nline\nline\nline\n");
}

TEST_CASE("a stream says that it begins before there is any data") {
  std::atomic<bool> begun = false;
  RawServer server([&](Connection& connection) {
    connection.ReadRequest();
    connection.Write(kChunked);
    if (Await([&] { return begun.load(); })) connection.WriteChunk("line\n");
    connection.Write("0\r\n\r\n");
  });
  std::vector<std::string> pieces;
  const auto take = [&](std::string_view piece) {
    pieces.emplace_back(piece);
    return begun = true;
  };
  REQUIRE(Connect({.base_url = server.url()})->Stream(Get("/watch"), take, {}));
  CHECK(pieces == std::vector<std::string>{"", "line\n"});
}

TEST_CASE("a chunk that holds a part of a line is passed on as it is") {
  std::atomic<bool> first_came = false;
  RawServer server([&](Connection& connection) {
    connection.ReadRequest();
    connection.Write(kChunked);
    connection.WriteChunk("caf\xc3");  // half of a UTF-8 character
    if (Await([&] { return first_came.load(); })) connection.WriteChunk("\xa9\n");
    connection.Write("0\r\n\r\n");
  });
  std::string text;
  const auto take = [&](std::string_view piece) {
    text += piece;
    first_came = true;
    return true;
  };
  REQUIRE(Connect({.base_url = server.url()})->Stream(Get("/"), take, {}));
  CHECK(text == "caf\xc3\xa9\n");
}

TEST_CASE("silence longer than the deadline ends a stream, data postpones it") {
  RawServer server([](Connection& connection) {
    connection.ReadRequest();
    connection.Write(kChunked);
    for (int i = 0; i < 12; ++i) {
      connection.Pause(200ms);
      connection.WriteChunk("x");
    }
    connection.WaitForClose();
  });
  int pieces = 0;
  const Stopwatch watch;
  const auto response = Connect({.base_url = server.url()})
                            ->Stream(Get("/", 2s),
                                     [&](std::string_view piece) {
                                       pieces += piece.empty() ? 0 : 1;
                                       return true;
                                     },
                                     {});
  REQUIRE_FALSE(response);
  CHECK(response.error().kind == ErrorKind::kTimeout);
  CHECK_THAT(response.error().message, Contains("nothing came for 2000ms"));
  CHECK(pieces == 12);
  CHECK(watch.Elapsed() >= 4400ms);
}

TEST_CASE("a stream ends at once when its receiver has enough") {
  RawServer server(OneLineThenSilence);
  const Stopwatch watch;
  const auto response = Connect({.base_url = server.url()})
                            ->Stream(Get("/", 30s), [](std::string_view) { return false; }, {});
  REQUIRE(response);
  CHECK(response->status == 200);
  CHECK(watch.Elapsed() < 10s);
}

TEST_CASE("a stream ends at once when it is stopped") {
  RawServer server(OneLineThenSilence);
  const auto transport = Connect({.base_url = server.url()});
  std::stop_source source;
  std::atomic<bool> came = false;
  std::jthread stopper([&] {
    Await([&] { return came.load(); });
    source.request_stop();
  });
  const Stopwatch watch;
  const auto response = transport->Stream(
      Get("/", 30s), [&](std::string_view) { return came = true; }, source.get_token());
  REQUIRE_FALSE(response);
  CHECK(response.error().kind == ErrorKind::kCancelled);
  CHECK(watch.Elapsed() < 10s);
}

TEST_CASE("what is not 2xx is collected, not streamed") {
  RawServer server(Repeat(Answer(410, R"({"reason":"Expired"})")));
  bool called = false;
  const auto response = Connect({.base_url = server.url()})
                            ->Stream(Get("/"), [&](std::string_view) { return called = true; }, {});
  REQUIRE(response);
  CHECK(response->status == 410);
  CHECK(response->body == R"({"reason":"Expired"})");
  CHECK_FALSE(called);
}

TEST_CASE("a stream that breaks is unavailable, what came before is passed on") {
  RawServer server([](Connection& connection) {
    connection.ReadRequest();
    connection.Write(kChunked);
    connection.WriteChunk("{}\n");
    connection.Write("7\r\n{\"ty");
  });
  std::string text;
  const auto response = Connect({.base_url = server.url()})
                            ->Stream(Get("/"),
                                     [&](std::string_view piece) {
                                       text += piece;
                                       return true;
                                     },
                                     {});
  REQUIRE_FALSE(response);
  CHECK(response.error().kind == ErrorKind::kUnavailable);
  CHECK(text == "{}\n");
}

TEST_CASE("a slow receiver holds the sender back and is not late itself") {
  constexpr std::size_t kTotal = std::size_t{64} << 20;
  std::atomic<std::size_t> written = 0;
  RawServer server([&](Connection& connection) {
    connection.ReadRequest();
    connection.Write(kChunked);
    const std::string piece(64 << 10, 'x');
    while (written < kTotal && connection.WriteChunk(piece)) written += piece.size();
    connection.Write("0\r\n\r\n");
  });
  std::size_t received = 0;
  std::size_t ahead = 0;
  const auto take = [&](std::string_view piece) {
    if (received == 0) {
      std::this_thread::sleep_for(2500ms);  // the slowness itself; longer than the deadline
      ahead = written;
    }
    received += piece.size();
    return true;
  };
  const auto response = Connect({.base_url = server.url()})->Stream(Get("/", 2s), take, {});
  REQUIRE(response);
  CHECK(received == kTotal);
  CHECK(ahead < kTotal / 4);  // kernel buffers and the window
}

TEST_CASE("cancelled streams leave no descriptors, threads or memory behind") {
  RawServer server(OneLineThenSilence);
  const auto transport = Connect({.base_url = server.url()});
  const auto run = [&](int times) {
    for (int i = 0; i < times; ++i) {
      REQUIRE(transport->Stream(Get("/", 30s), [](std::string_view) { return false; }, {}));
    }
  };
  run(50);
  const std::size_t descriptors = OpenDescriptors();
  const std::size_t threads = ProcessStatus("Threads");
  const std::size_t memory = ProcessStatus("VmRSS");
  run(200);
  // The server's side closes in its own time.
  CHECK(Await([&] { return OpenDescriptors() <= descriptors; }));
  CHECK(Await([&] { return ProcessStatus("Threads") <= threads; }));
  if (kMemoryIsOurs) CHECK(ProcessStatus("VmRSS") < memory + 20'000);
}
