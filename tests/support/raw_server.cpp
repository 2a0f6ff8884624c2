#include "tests/support/raw_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace evenkeel::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{30};
constexpr int kPollMilliseconds = 20;

// Whether the socket is ready before the test ends or patience does.
bool AwaitSocket(int socket, short events, const std::stop_token& stop) {
  const Clock::time_point until = Clock::now() + kPatience;
  while (!stop.stop_requested() && Clock::now() < until) {
    pollfd entry{socket, events, 0};
    if (::poll(&entry, 1, kPollMilliseconds) > 0) return true;
  }
  return false;
}

std::size_t BodyLength(std::string_view head) {
  constexpr std::string_view kName = "Content-Length:";
  const std::size_t at = head.find(kName);
  if (at == std::string_view::npos) return 0;
  return std::strtoul(head.data() + at + kName.size(), nullptr, 10);
}

sockaddr* Generic(sockaddr_in& address) { return reinterpret_cast<sockaddr*>(&address); }

int Listen(std::uint16_t& port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (listener < 0 || ::bind(listener, Generic(address), size) != 0 ||
      ::listen(listener, SOMAXCONN) != 0 || ::getsockname(listener, Generic(address), &size) != 0) {
    throw std::system_error(errno, std::generic_category(), "listen on 127.0.0.1");
  }
  port = ntohs(address.sin_port);
  return listener;
}

}  // namespace

Connection::Connection(int socket, SSL_CTX* tls, std::stop_token stop)
    : socket_(socket), ssl_(nullptr, &SSL_free), stop_(std::move(stop)) {
  handshake_done_ = tls == nullptr || Handshake(tls);
}

Connection::~Connection() {
  if (socket_ < 0) return;
  if (ssl_ && handshake_done_) SSL_shutdown(ssl_.get());
  ERR_clear_error();
  ::close(socket_);
}

bool Connection::Handshake(SSL_CTX* tls) {
  ssl_.reset(SSL_new(tls));
  SSL_set_fd(ssl_.get(), socket_);
  // Read first: a blocked accept would outlive the test.
  const timeval patience{kPatience.count(), 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  if (!Await(POLLIN)) return false;
  if (SSL_accept(ssl_.get()) != 1) return LetAlertArrive();
  const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
  server_name_ = name != nullptr ? name : "";
  return true;
}

// Closing with the client's data unread would be a reset, which overtakes the alert.
bool Connection::LetAlertArrive() {
  ERR_clear_error();
  ssl_.reset();
  ::shutdown(socket_, SHUT_WR);
  WaitForClose();
  return false;
}

bool Connection::Await(short events) {
  if (ssl_ && events == POLLIN && SSL_pending(ssl_.get()) > 0) return true;
  return AwaitSocket(socket_, events, stop_);
}

std::ptrdiff_t Connection::ReadSome(char* data, std::size_t size) {
  if (ssl_) return SSL_read(ssl_.get(), data, static_cast<int>(size));
  return ::recv(socket_, data, size, 0);
}

std::ptrdiff_t Connection::WriteSome(std::string_view bytes) {
  if (ssl_) return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool Connection::ReadMore() {
  std::array<char, 16384> piece{};
  if (!Await(POLLIN)) return false;
  const std::ptrdiff_t count = ReadSome(piece.data(), piece.size());
  if (count <= 0) return false;
  buffer_.append(piece.data(), static_cast<std::size_t>(count));
  return true;
}

std::string Connection::ReadRequest() {
  constexpr std::string_view kEnd = "\r\n\r\n";
  std::size_t end = std::string::npos;
  while ((end = buffer_.find(kEnd)) == std::string::npos) {
    if (!ReadMore()) return {};
  }
  const std::size_t length = end + kEnd.size() + BodyLength({buffer_.data(), end});
  while (buffer_.size() < length) {
    if (!ReadMore()) return {};
  }
  std::string request = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return request;
}

bool Connection::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!Await(POLLOUT)) return false;
    const std::ptrdiff_t count = WriteSome(bytes);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool Connection::WriteChunk(std::string_view data) {
  std::array<char, 20> size{};
  const int length = std::snprintf(size.data(), size.size(), "%zx\r\n", data.size());
  return Write({size.data(), static_cast<std::size_t>(length)}) && Write(data) && Write("\r\n");
}

void Connection::WaitForClose() {
  while (ReadMore()) buffer_.clear();
}

void Connection::Pause(std::chrono::milliseconds time) const {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any never;
  never.wait_for(lock, stop_, time, [] { return false; });
}

void Connection::Reset() {
  const linger discard{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &discard, sizeof(discard));
  ::close(std::exchange(socket_, -1));
}

RawServer::RawServer(Script script, TlsContext tls)
    : script_(std::move(script)), tls_(std::move(tls)), secure_(tls_ != nullptr) {
  listener_ = Listen(port_);
  acceptor_ = std::jthread([this] { Accept(stop_.get_token()); });
}

RawServer::~RawServer() {
  stop_.request_stop();
  acceptor_.join();
  workers_.clear();
  ::close(listener_);
}

void RawServer::set_tls(TlsContext tls) {
  const std::lock_guard lock(mutex_);
  tls_ = std::move(tls);
}

void RawServer::Accept(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (!AwaitSocket(listener_, POLLIN, stop)) continue;
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    ++connections_;
    const std::lock_guard lock(mutex_);
    workers_.emplace_back([this, socket, tls = tls_, stop] {
      Connection connection(socket, tls.get(), stop);
      if (connection.handshake_done()) script_(connection);
    });
  }
}

std::string RawServer::url() const {
  return (secure_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_);
}

std::string Answer(int status, std::string_view body, std::string_view headers) {
  return "HTTP/1.1 " + std::to_string(status) + " Status\r\n" + std::string(headers) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string HeaderOf(const std::string& request, const std::string& name) {
  const std::size_t at = request.find("\r\n" + name + ":");
  if (at == std::string::npos) return {};
  const std::size_t begin = request.find_first_not_of(' ', at + name.size() + 3);
  return request.substr(begin, request.find("\r\n", begin) - begin);
}

RawServer::Script Repeat(std::string answer) {
  return [answer = std::move(answer)](Connection& connection) {
    while (!connection.ReadRequest().empty() && connection.Write(answer)) {
    }
  };
}

}  // namespace evenkeel::test
