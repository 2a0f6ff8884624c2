#include "controller/runtime/run.hpp"

#include <pthread.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <memory>
#include <random>
#include <thread>
#include <utility>

#include "controller/runtime/configuration.hpp"
#include "controller/runtime/controller.hpp"
#include "controller/runtime/http_transport.hpp"
#include "controller/runtime/kube_server.hpp"
#include "controller/runtime/log.hpp"
#include "controller/runtime/ops_server.hpp"

namespace evenkeel {
namespace {

constexpr int kBadFlags = 2;  // as for the flags themselves (main.cpp)

sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

std::string HostName() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "evenkeel";
  return name.data();
}

Result<std::unique_ptr<HttpTransport>> ConnectKubernetes(const RunOptions& options) {
  const auto found =
      FindKubeServer(options.kubeconfig, options.context, options.service_account_dir);
  if (!found) return found.error();
  Log(LogLevel::kInfo, "API server found",
      {{"server", found->server.base_url}, {"from", found->origin}});
  ServerConfig config = found->server;
  config.user_agent = std::string("evenkeel/") + EVENKEEL_VERSION;
  return MakeHttpTransport(config);
}

std::chrono::milliseconds Jitter(std::chrono::milliseconds most) {
  std::random_device seed;
  return std::chrono::milliseconds(
      std::uniform_int_distribution<std::int64_t>(0, most.count())(seed));
}

ControllerOptions ToControllerOptions(const RunOptions& options) {
  ControllerOptions controller;
  controller.sync_period = options.sync_period;
  controller.lag = Jitter(options.sync_period / 10);
  controller.fetch_deadline = options.prometheus_timeout;
  controller.settings.foreign_change_hold = options.foreign_change_hold;
  controller.namespace_name = options.namespace_name;
  controller.instance = options.pod_name.empty() ? HostName() : options.pod_name;
  controller.write_qps = options.kube_api_qps;
  controller.write_burst = options.kube_api_burst;
  return controller;
}

OpsResponse Answer(const std::string& fault) {
  return {fault.empty() ? 200 : 503, "text/plain; charset=utf-8",
          (fault.empty() ? "ok" : fault) + "\n"};
}

OpsHandlers Handlers(const Controller& controller, const Metrics& metrics) {
  return {{"/healthz", [&] { return Answer(controller.NotAliveReason()); }},
          {"/readyz", [&] { return Answer(controller.NotReadyReason()); }},
          {"/debug/plan",
           [&] { return OpsResponse{200, "application/json", controller.PlanAsJson()}; }},
          {"/metrics", [&] {
             return OpsResponse{200, "text/plain; version=0.0.4; charset=utf-8",
                                metrics.Serialize()};
           }}};
}

int CannotStart(const Error& error, int exit_status = 1) {
  Log(LogLevel::kError, "cannot start", {{"error", error.message}});
  FlushLog();
  return exit_status;
}

// Returns at the first signal; the next one ends the process the hard way.
void WaitForSignal(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
  Log(LogLevel::kInfo, "stopping", {{"signal", strsignal(signal)}});
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

int Serve(const RunOptions& options, HttpTransport& kube, Configuration& configuration,
          const sigset_t& signals) {
  Metrics metrics;
  ControllerOptions controller_options = ToControllerOptions(options);
  controller_options.configure = [&, first = true]() mutable -> std::optional<Configured> {
    const bool changed = configuration.Refresh(metrics);
    if (!changed && !std::exchange(first, false)) return std::nullopt;
    return configuration.configured();
  };
  Controller controller(kube, configuration.fetcher(), metrics, std::move(controller_options));
  const auto server = OpsServer::Start(options.bind_address, Handlers(controller, metrics));
  if (!server) return CannotStart(server.error());
  Log(LogLevel::kInfo, "started",
      {{"version", EVENKEEL_VERSION}, {"serving", options.bind_address}});
  std::jthread loop([&](const std::stop_token& stop) { controller.Run(stop); });
  WaitForSignal(signals);
  loop.request_stop();
  loop.join();
  Log(LogLevel::kInfo, "stopped");
  FlushLog();
  return 0;
}

}  // namespace

int RunController(const RunOptions& options) {
  const sigset_t signals = BlockSignals();
  InitializeLog(options.log_format, options.log_level);
  InitializeHttpThreads();
  const auto configuration = Configuration::Open(options);
  if (!configuration) return CannotStart(configuration.error(), kBadFlags);
  const auto kube = ConnectKubernetes(options);
  if (!kube) return CannotStart(kube.error());
  return Serve(options, **kube, **configuration, signals);
}

}  // namespace evenkeel
