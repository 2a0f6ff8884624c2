// RawClient: a TCP connection to 127.0.0.1 that sends exactly what it is told.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace evenkeel::test {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // False when the peer has closed.
  bool Write(std::string_view bytes) const;
  // What came up to and with `end`; all that came, if it does not come within thirty seconds.
  std::string ReadUntil(std::string_view end);
  // Whether the peer closes within that time; what it sends meanwhile is discarded.
  bool AwaitClose(std::chrono::milliseconds within);

 private:
  enum class Heard { kData, kEnd, kNothing };
  Heard Read(std::chrono::steady_clock::time_point until);

  int socket_;
  std::string buffer_;
};

}  // namespace evenkeel::test
