#include "controller/runtime/option_values.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

#include "controller/core/time_format.hpp"

namespace evenkeel {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kMaxSeeds = 10'000;
constexpr int kMaxThreads = 1024;
constexpr std::array<std::string_view, 3> kReportEndings = {".html", ".md", ".json"};

std::optional<std::uint64_t> ParseSeed(const std::string& text) {
  std::uint64_t seed = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (text.empty() || fault != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return seed;
}

}  // namespace

Result<milliseconds> DurationOf(std::string_view flag, const std::string& given, milliseconds least,
                                milliseconds most) {
  const std::string allowed = "must be a duration from " + FormatDuration(least) + " to " +
                              FormatDuration(most) + ", not \"" + given + "\"";
  const Result<milliseconds> parsed = ParseDuration(given);
  if (!parsed || *parsed < least || *parsed > most) {
    return Invalid("--" + std::string(flag) + ": " + allowed);
  }
  return parsed;
}

// A URL with a user may hold a secret, and is not shown; the transport says what is wrong.
Status CheckUrl(const std::string& flag, const std::string& url) {
  if (url.find('@') != std::string::npos) return Ok();
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    return Invalid(flag + ": must begin with http:// or https://, not \"" + url + "\"");
  }
  return Ok();
}

Status CheckSources(const RunOptions& run) {
  const std::string& url = run.prometheus_url;
  if (url.empty()) {
    if (run.config_file.empty()) {
      return Invalid(
          "--config or --prometheus-url is required, e.g. "
          "--prometheus-url=http://prometheus.monitoring.svc:9090");
    }
    const bool alone = run.prometheus_token_file.empty() && run.prometheus_ca_file.empty() &&
                       !run.prometheus_raw_queries;
    if (alone) return Ok();
    return Invalid(
        "--prometheus-token-file, --prometheus-ca-file and --prometheus-raw-queries belong to "
        "--prometheus-url, which is not given; a source of --config has these settings there");
  }
  return CheckUrl("--prometheus-url", url);
}

Status CheckAddress(const std::string& address) {
  const auto colon = address.rfind(':');
  const std::string port = colon == std::string::npos ? "" : address.substr(colon + 1);
  const bool digits =
      !port.empty() && port.size() <= 5 &&
      std::ranges::all_of(port, [](unsigned char c) { return std::isdigit(c) != 0; });
  if (!digits || std::stoi(port) > 65535) {
    return Invalid("--bind-address: must be HOST:PORT with a port up to 65535, not \"" + address +
                   "\"");
  }
  return Ok();
}

Status CheckRates(const RunOptions& run) {
  if (!(run.kube_api_qps > 0 && run.kube_api_qps <= 10'000)) {
    return Invalid("--kube-api-qps: must be above 0 and at most 10000");
  }
  if (run.kube_api_burst < 1 || run.kube_api_burst > 100'000) {
    return Invalid("--kube-api-burst: must be from 1 to 100000");
  }
  return Ok();
}

Status ReadSeeds(const std::string& given, SimulateOptions& simulate) {
  const auto dash = given.find('-');
  const auto first = ParseSeed(given.substr(0, dash));
  const auto last = dash == std::string::npos ? first : ParseSeed(given.substr(dash + 1));
  if (!first || !last || *last < *first || *last - *first >= kMaxSeeds) {
    return Invalid("--seeds: must be a number or a range of at most " + std::to_string(kMaxSeeds) +
                   " such as 101-120, not \"" + given + "\"");
  }
  simulate.first_seed = *first;
  simulate.last_seed = *last;
  return Ok();
}

Status CheckReports(const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    const bool known = std::ranges::any_of(
        kReportEndings, [&](std::string_view ending) { return file.ends_with(ending); });
    if (!known) {
      return Invalid("--report: must be a file that ends in .html, .md or .json, not \"" + file +
                     "\"");
    }
  }
  return Ok();
}

Status CheckTimeline(const std::string& file) {
  if (file.empty() || file.ends_with(".jsonl")) return Ok();
  return Invalid("--timeline: must be a file that ends in .jsonl, not \"" + file + "\"");
}

Status CheckThreads(int threads) {
  if (threads < 0 || threads > kMaxThreads) {
    return Invalid("--threads: must be from 1 to " + std::to_string(kMaxThreads) +
                   ", or 0 for all cores, not " + std::to_string(threads));
  }
  return Ok();
}

}  // namespace evenkeel
