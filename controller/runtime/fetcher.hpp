// Fetcher: runs a plan against the sources (Prometheus-compatible servers).
//
// Per source at most `parallel` queries at once; one deadline for the whole fetch, so a slow source
// makes its own readings Failed and the round goes on; a circuit breaker per source, so an outage
// lowers the query rate (a query that is late while others are answered is none); a batch that
// fails by its own fault is split until the bad target is alone. Every planned query gets an
// answer: a result, or an Error that says why not. Fetch blocks, and may be called from several
// threads at once for plans without a common source.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "controller/prometheus/planner.hpp"
#include "controller/runtime/http_transport.hpp"

namespace evenkeel {

struct FetchLimits {
  std::size_t parallel = 4;                      // queries at once per source
  std::size_t max_body = std::size_t{16} << 20;  // bytes of one answer
  std::size_t max_splits = 16;  // per source and fetch: splitting must not be a flood
};

struct Fetched {
  std::vector<Answer> answers;  // of split batches, the parts
  std::size_t sent = 0;         // requests that went out
  std::size_t bytes = 0;        // of their answers
};

// By their names in the configuration.
using Sources = std::map<std::string, std::unique_ptr<HttpTransport>, std::less<>>;

class Fetcher {
 public:
  explicit Fetcher(Sources sources = {}, FetchLimits limits = {});
  ~Fetcher();
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  // While nothing is fetched. A source that is set anew has a new circuit breaker; all others keep
  // theirs, and their connections.
  void SetSource(const std::string& name, std::unique_ptr<HttpTransport> transport);
  void RemoveSource(const std::string& name);
  [[nodiscard]] bool Knows(std::string_view source) const { return sources_.contains(source); }

  // Returns within `deadline` (as promptly as the transports stop), or sooner when stopped.
  [[nodiscard]] Fetched Fetch(const Plan& plan, std::chrono::milliseconds deadline,
                              std::stop_token stop);

 private:
  struct Source;
  class SourceFetch;
  [[nodiscard]] std::string KnownSources() const;

  std::map<std::string, std::unique_ptr<Source>, std::less<>> sources_;
  FetchLimits limits_;
};

}  // namespace evenkeel
