#include "tests/support/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace evenkeel::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{30};

}  // namespace

RawClient::RawClient(std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{kPatience.count(), 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    throw std::system_error(errno, std::generic_category(), "connect");
  }
}

RawClient::~RawClient() { ::close(socket_); }

bool RawClient::Write(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

RawClient::Heard RawClient::Read(Clock::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
  pollfd entry{socket_, POLLIN, 0};
  if (::poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(0, left.count()))) <= 0) {
    return Heard::kNothing;
  }
  std::array<char, 16384> piece{};
  const ssize_t count = ::recv(socket_, piece.data(), piece.size(), 0);
  if (count <= 0) return Heard::kEnd;
  buffer_.append(piece.data(), static_cast<std::size_t>(count));
  return Heard::kData;
}

std::string RawClient::ReadUntil(std::string_view end) {
  const Clock::time_point until = Clock::now() + kPatience;
  std::size_t at = std::string::npos;
  while ((at = buffer_.find(end)) == std::string::npos && Read(until) == Heard::kData) {
  }
  std::string text = buffer_.substr(0, at == std::string::npos ? at : at + end.size());
  buffer_.erase(0, text.size());
  return text;
}

bool RawClient::AwaitClose(std::chrono::milliseconds within) {
  const Clock::time_point until = Clock::now() + within;
  for (;;) {
    const Heard heard = Read(until);
    if (heard != Heard::kData) return heard == Heard::kEnd;
    buffer_.clear();
  }
}

}  // namespace evenkeel::test
