#include "controller/runtime/interrupt.hpp"

namespace evenkeel {
namespace {

std::atomic<bool> stopping{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may set it");

void Stop(int) { stopping = true; }

}  // namespace

Interrupt::Interrupt() {
  stopping = false;
  struct sigaction action{};
  action.sa_handler = Stop;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);  // the next one kills
  ::sigaction(SIGINT, &action, &interrupt_);
  ::sigaction(SIGTERM, &action, &terminate_);
}

Interrupt::~Interrupt() {
  ::sigaction(SIGINT, &interrupt_, nullptr);
  ::sigaction(SIGTERM, &terminate_, nullptr);
}

const std::atomic<bool>& Interrupt::stop() const { return stopping; }

}  // namespace evenkeel
