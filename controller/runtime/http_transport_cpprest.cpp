#include <cpprest/http_client.h>
#include <openssl/ssl.h>
#include <pplx/threadpool.h>

#include <array>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <cstddef>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/core/http.hpp"
#include "controller/core/server_config.hpp"
#include "controller/runtime/http_transport.hpp"
#include "controller/runtime/http_transport_credentials.hpp"
#include "controller/runtime/http_transport_exchange.hpp"
#include "controller/runtime/http_transport_tls.hpp"
#include "policies/result.hpp"

namespace evenkeel {
namespace {

using Clock = std::chrono::steady_clock;
using web::http::client::http_client;
using web::http::client::http_client_config;

constexpr std::chrono::seconds kCheckFilesEvery{1};
constexpr int kUnauthorized = 401;

bool IsRepeatable(const HttpRequest& request) {
  constexpr std::array<std::string_view, 4> kIdempotent{"GET", "HEAD", "PUT", "DELETE"};
  if (request.idempotent) return true;
  for (const std::string_view method : kIdempotent) {
    if (request.method == method) return true;
  }
  return false;
}

http_client_config ClientConfig(const std::shared_ptr<TlsSettings>& tls, std::size_t read_size) {
  http_client_config config;
  config.set_max_redirects(0);                 // the token must not travel
  config.set_timeout(std::chrono::hours(24));  // deadlines are kept in http_transport_exchange.cpp
  config.set_chunksize(read_size);
  config.set_tlsext_sni_enabled(false);  // TlsSettings does it
  if (tls != nullptr) {
    config.set_ssl_context_callback(
        [tls](boost::asio::ssl::context& context) { tls->Apply(context); });
  }
  return config;
}

std::string OriginOf(const web::uri& url) {
  const std::string host = url.scheme() + "://" + url.host();
  return url.is_port_default() ? host : host + ":" + std::to_string(url.port());
}

std::string WithParameters(std::string target,
                           const std::map<std::string, std::string>& parameters) {
  char separator = target.find('?') == std::string::npos ? '?' : '&';
  for (const auto& [name, value] : parameters) {
    target += separator + PercentEncode(name) + "=" + PercentEncode(value);
    separator = '&';
  }
  return target;
}

// What requests go out with until a file changes. cpprest's clients are handles and keep their
// connections open.
struct Session {
  Session(const web::uri& base_url, std::shared_ptr<TlsSettings> tls_settings)
      : tls(std::move(tls_settings)),
        sender(base_url, ClientConfig(tls, kSendRead)),
        streamer(base_url, ClientConfig(tls, kStreamRead)) {}

  static constexpr std::size_t kSendRead = std::size_t{64} << 10;
  // cpprest waits until this much of a body without chunks has come: a watch through a proxy that
  // takes chunks apart would be held back. (Chunks come whole, whatever this is.)
  static constexpr std::size_t kStreamRead = 1;

  std::shared_ptr<TlsSettings> tls;
  http_client sender;
  http_client streamer;
};

class CpprestTransport final : public HttpTransport {
 public:
  CpprestTransport(ServerConfig config, web::uri base_url)
      : config_(std::move(config)), base_url_(std::move(base_url)), origin_(OriginOf(base_url_)) {}

  [[nodiscard]] Status Open();

  Result<HttpResponse> Send(const HttpRequest& request, std::stop_token stop) override {
    return Authorized(request, nullptr, stop);
  }
  Result<HttpResponse> Stream(const HttpRequest& request, const OnData& on_data,
                              std::stop_token stop) override {
    return Authorized(request, &on_data, stop);
  }

 private:
  struct Attempt {
    std::shared_ptr<const Session> session;
    Headers headers;  // added to the request's own
    Clock::time_point until;
  };

  [[nodiscard]] Result<HttpResponse> Authorized(const HttpRequest& request, const OnData* on_data,
                                                const std::stop_token& stop);
  [[nodiscard]] Result<HttpResponse> Deliver(const HttpRequest& request, const OnData* on_data,
                                             const Attempt& attempt, const std::stop_token& stop);
  [[nodiscard]] Result<ExchangeCall> Call(const HttpRequest& request, const OnData* on_data,
                                          const Attempt& attempt) const;

  [[nodiscard]] Attempt Begin(const HttpRequest& request);
  [[nodiscard]] bool RereadHeaders(Attempt& attempt);
  void RefreshHeaders();
  void RefreshTls();
  [[nodiscard]] Result<std::shared_ptr<TlsSettings>> LoadTls() const;
  [[nodiscard]] Error WithFileProblem(Error error);

  const ServerConfig config_;
  const web::uri base_url_;
  const std::string origin_;  // for messages

  std::mutex mutex_;  // guards all below
  std::shared_ptr<const Session> session_;
  Headers headers_;
  std::vector<FileStamp> header_stamps_;
  TlsStamps tls_stamps_;
  std::string file_problem_;  // why a changed TLS file is not in use
  Clock::time_point next_check_{};
};

Status CpprestTransport::Open() {
  header_stamps_ = HeaderStampsOf(config_);
  Result<Headers> headers = ReadRequestHeaders(config_);
  if (!headers) return headers.error();
  headers_ = *std::move(headers);
  tls_stamps_ = StampsOf(config_);
  Result<std::shared_ptr<TlsSettings>> tls = LoadTls();
  if (!tls) return tls.error();
  session_ = std::make_shared<Session>(base_url_, *std::move(tls));
  return Ok();
}

Result<std::shared_ptr<TlsSettings>> CpprestTransport::LoadTls() const {
  if (base_url_.scheme() != "https") return std::shared_ptr<TlsSettings>{};
  Result<TlsMaterial> material = ReadTlsMaterial(config_);
  if (!material) return material.error();
  return TlsSettings::Make(*std::move(material), config_.tls_server_name.value_or(base_url_.host()),
                           config_.insecure_skip_tls_verify);
}

// A file that is replaced can be missing or half there for a moment: what worked stays in use, and
// the next second tries again.
void CpprestTransport::RefreshHeaders() {
  std::vector<FileStamp> stamps = HeaderStampsOf(config_);
  if (stamps == header_stamps_) return;
  Result<Headers> headers = ReadRequestHeaders(config_);
  if (!headers) return;
  headers_ = *std::move(headers);
  header_stamps_ = std::move(stamps);
}

void CpprestTransport::RefreshTls() {
  if (base_url_.scheme() != "https") return;
  const TlsStamps stamps = StampsOf(config_);
  if (stamps == tls_stamps_) return;
  Result<std::shared_ptr<TlsSettings>> tls = LoadTls();
  file_problem_ = tls ? std::string{} : tls.error().message;
  if (!tls) return;
  session_ = std::make_shared<Session>(base_url_, *std::move(tls));
  tls_stamps_ = stamps;
}

CpprestTransport::Attempt CpprestTransport::Begin(const HttpRequest& request) {
  const Clock::time_point now = Clock::now();
  const std::lock_guard lock(mutex_);
  if (now >= next_check_) {
    next_check_ = now + kCheckFilesEvery;
    RefreshHeaders();
    RefreshTls();
  }
  return {session_, headers_, now + request.deadline};
}

bool CpprestTransport::RereadHeaders(Attempt& attempt) {
  const std::lock_guard lock(mutex_);
  RefreshHeaders();
  if (attempt.headers == headers_) return false;
  attempt.headers = headers_;
  return true;
}

Error CpprestTransport::WithFileProblem(Error error) {
  const std::lock_guard lock(mutex_);
  if (error.kind == ErrorKind::kTls && !file_problem_.empty()) {
    error.message += "; a changed file is not in use: " + file_problem_;
  }
  return error;
}

Result<HttpResponse> CpprestTransport::Authorized(const HttpRequest& request, const OnData* on_data,
                                                  const std::stop_token& stop) {
  Attempt attempt = Begin(request);
  Result<HttpResponse> response = Deliver(request, on_data, attempt, stop);
  if (response && response->status == kUnauthorized && RereadHeaders(attempt)) {
    response = Deliver(request, on_data, attempt, stop);
  }
  if (!response) return WithFileProblem(response.error());
  return response;
}

Result<HttpResponse> CpprestTransport::Deliver(const HttpRequest& request, const OnData* on_data,
                                               const Attempt& attempt,
                                               const std::stop_token& stop) {
  const Session& session = *attempt.session;
  const auto run = [&](const http_client& client) -> ExchangeOutcome {
    Result<ExchangeCall> call = Call(request, on_data, attempt);
    if (!call) return {call.error()};
    return RunExchange(client, *std::move(call), stop);
  };
  // cpprest by itself repeats any request that met a closed connection: no reuse, no repetition.
  const auto unused = [&] {
    return http_client(base_url_, ClientConfig(session.tls, Session::kSendRead));
  };
  if (!IsRepeatable(request)) return run(unused()).response;
  ExchangeOutcome outcome = run(on_data != nullptr ? session.streamer : session.sender);
  if (outcome.stale_connection) return run(unused()).response;
  return std::move(outcome.response);
}

Result<ExchangeCall> CpprestTransport::Call(const HttpRequest& request, const OnData* on_data,
                                            const Attempt& attempt) const {
  const std::string path = request.target.substr(0, request.target.find('?'));
  std::string label = request.method + " " + origin_ + path;
  try {
    web::http::http_request message(request.method);
    // A second slash would make a host name of the path's beginning.
    if (path.empty() || path[0] != '/' || path.substr(0, 2) == "//") {
      return Invalid(label + ": the target is not a path");
    }
    message.set_request_uri(web::uri(WithParameters(request.target, config_.query_parameters)));
    if (!request.body.empty()) {
      message.set_body(std::vector<unsigned char>(request.body.begin(), request.body.end()));
    }
    for (const auto& [name, value] : request.headers) message.headers()[name] = value;
    for (const auto& [name, value] : attempt.headers) message.headers()[name] = value;
    message.headers()["User-Agent"] = config_.user_agent;
    return ExchangeCall{std::move(message), request, std::move(label),
                        attempt.until,      on_data, attempt.session->tls.get()};
  } catch (const std::exception& error) {
    return Invalid(label + ": " + error.what());
  }
}

// A URL with a user or a query may hold a secret, and is not shown.
Error InvalidUrl(const std::string& url, const std::string& why) {
  const bool secret = url.find_first_of("@?") != std::string::npos;
  return Invalid("server URL" + (secret ? "" : " '" + url + "'") + ": " + why);
}

Result<web::uri> ParseBaseUrl(const std::string& url) {
  try {
    web::uri parsed(url);
    if (parsed.scheme() != "https" && parsed.scheme() != "http") {
      return InvalidUrl(url, "must begin with https:// or http://");
    }
    if (parsed.host().empty()) return InvalidUrl(url, "has no host");
    // cpprest passes the brackets on to the resolver, which knows no such name.
    if (parsed.host()[0] == '[') {
      return InvalidUrl(url, "an IPv6 address cannot be used here: give a host name");
    }
    if (!parsed.query().empty() || !parsed.fragment().empty() || !parsed.user_info().empty()) {
      return InvalidUrl(url, "may have no user, query or fragment");
    }
    return parsed;
  } catch (const web::uri_exception&) {
    return InvalidUrl(url, "is not a URL; it should look like https://host:port");
  }
}

}  // namespace

void InitializeHttpThreads(std::size_t threads) {
  static std::once_flag once;
  std::call_once(once, [threads] {
    // Exit undoes these in reverse order: the threads must be gone before OpenSSL is, or one that
    // is still at work there crashes, and its state of OpenSSL leaks.
    OPENSSL_init_ssl(0, nullptr);
    crossplat::threadpool::initialize_with_threads(threads);
  });
}

Result<std::unique_ptr<HttpTransport>> MakeHttpTransport(const ServerConfig& config) {
  InitializeHttpThreads();
  Result<web::uri> base_url = ParseBaseUrl(config.base_url);
  if (!base_url) return base_url.error();
  auto transport = std::make_unique<CpprestTransport>(config, *std::move(base_url));
  if (const Status opened = transport->Open(); !opened) return opened.error();
  return std::unique_ptr<HttpTransport>(std::move(transport));
}

}  // namespace evenkeel
