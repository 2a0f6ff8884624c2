// Ctrl-C: the first asks for an end, the second ends the process at once.
#pragma once

#include <atomic>
#include <csignal>

namespace evenkeel {

// While it lives, SIGINT and SIGTERM set stop(). One at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  [[nodiscard]] const std::atomic<bool>& stop() const;

 private:
  struct sigaction interrupt_{};
  struct sigaction terminate_{};
};

}  // namespace evenkeel
