#include "tests/support/scripted_transport.hpp"

#include <condition_variable>
#include <memory>
#include <utility>

namespace evenkeel::test {
namespace {

ScriptedTransport::Script InOrder(std::vector<Exchange> exchanges) {
  auto queue = std::make_shared<std::deque<Exchange>>(exchanges.begin(), exchanges.end());
  return [queue](const HttpRequest&) {
    if (queue->empty()) {
      return Exchange{.error = Error{ErrorKind::kUnavailable, "the script has ended", {}}};
    }
    Exchange next = std::move(queue->front());
    queue->pop_front();
    return next;
  };
}

void WaitUntilStopped(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, stop, [] { return false; });
}

Error Cancelled() { return {ErrorKind::kCancelled, "stopped", {}}; }

}  // namespace

ScriptedTransport::ScriptedTransport(Script script) : script_(std::move(script)) {}

ScriptedTransport::ScriptedTransport(std::vector<Exchange> exchanges)
    : script_(InOrder(std::move(exchanges))) {}

Exchange ScriptedTransport::Next(const HttpRequest& request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(request);
  return script_(request);
}

Result<HttpResponse> ScriptedTransport::Send(const HttpRequest& request, std::stop_token stop) {
  Exchange exchange = Next(request);
  if (exchange.until_stopped) {
    WaitUntilStopped(stop);
    return Cancelled();
  }
  if (exchange.error) return *exchange.error;
  return HttpResponse{exchange.status, exchange.headers, exchange.body};
}

Result<HttpResponse> ScriptedTransport::Stream(const HttpRequest& request, const OnData& on_data,
                                               std::stop_token stop) {
  Exchange exchange = Next(request);
  const bool ok = exchange.status / 100 == 2;
  const bool begins = ok && (!exchange.error || !exchange.pieces.empty());
  if (begins && !on_data({})) exchange.pieces.clear();
  for (const std::string& piece : exchange.pieces) {
    if (stop.stop_requested()) return Cancelled();
    if (!on_data(piece)) break;
  }
  if (exchange.until_stopped) {
    WaitUntilStopped(stop);
    return Cancelled();
  }
  if (exchange.error) return *exchange.error;
  return HttpResponse{exchange.status, exchange.headers, ok ? std::string{} : exchange.body};
}

std::vector<HttpRequest> ScriptedTransport::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

}  // namespace evenkeel::test
