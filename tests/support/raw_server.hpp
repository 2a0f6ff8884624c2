// RawServer: a server on 127.0.0.1 that says exactly the bytes that a script says, TLS if asked.
//
// For what well-behaved servers never do: silence, cuts in the middle of anything, wrong lines.
// Each connection runs the script on a thread of its own; every wait in it ends when the server is
// destroyed, or after thirty seconds. Scripts may not use Catch2's assertions (they are not
// thread-safe): they write down what they saw.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace evenkeel::test {

using TlsContext = std::shared_ptr<SSL_CTX>;

class Connection {
 public:
  Connection(int socket, SSL_CTX* tls, std::stop_token stop);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The next request, headers and body; empty when the client has closed.
  std::string ReadRequest();
  // False when the client has closed.
  bool Write(std::string_view bytes);
  // One chunk of a chunked body.
  bool WriteChunk(std::string_view data);
  // Returns when the client closes.
  void WaitForClose();
  void Pause(std::chrono::milliseconds time) const;
  // Ends the connection by a reset instead of a regular close.
  void Reset();

  [[nodiscard]] bool handshake_done() const { return handshake_done_; }
  [[nodiscard]] const std::string& server_name() const { return server_name_; }

 private:
  bool Await(short events);
  std::ptrdiff_t ReadSome(char* data, std::size_t size);
  std::ptrdiff_t WriteSome(std::string_view bytes);
  bool Handshake(SSL_CTX* tls);
  bool LetAlertArrive();
  bool ReadMore();

  int socket_;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
  std::stop_token stop_;
  std::string buffer_;
  std::string server_name_;
  bool handshake_done_ = false;
};

class RawServer {
 public:
  using Script = std::function<void(Connection&)>;

  explicit RawServer(Script script, TlsContext tls = nullptr);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // "http://127.0.0.1:port", or https.
  [[nodiscard]] std::string url() const;
  [[nodiscard]] int connections() const { return connections_; }
  // For connections to come.
  void set_tls(TlsContext tls);

 private:
  void Accept(const std::stop_token& stop);

  Script script_;
  std::mutex mutex_;
  TlsContext tls_;
  bool secure_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::stop_source stop_;
  std::vector<std::jthread> workers_;
  std::jthread acceptor_;
};

// An answer with Content-Length.
[[nodiscard]] std::string Answer(int status, std::string_view body, std::string_view headers = "");

// A header's value in a request; empty if it is not there.
[[nodiscard]] std::string HeaderOf(const std::string& request, const std::string& name);

// Answers every request with the same bytes until the client closes.
[[nodiscard]] RawServer::Script Repeat(std::string answer);

}  // namespace evenkeel::test
