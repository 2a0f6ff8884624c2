#include "controller/runtime/ops_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/system/error_code.hpp>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "policies/result.hpp"

namespace evenkeel {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kMaxHeader = std::size_t{8} << 10;
constexpr std::size_t kMaxBody = std::size_t{8} << 10;
constexpr std::chrono::seconds kReadWithin{5};
constexpr std::chrono::seconds kWriteWithin{10};
constexpr std::chrono::seconds kIdle{30};
// Without descriptors every accept fails at once: this keeps it from spinning.
constexpr std::chrono::milliseconds kAcceptPause{100};

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

Response TextResponse(http::status status, std::string text) {
  Response response{status, 11};
  response.set(http::field::content_type, "text/plain; charset=utf-8");
  response.body() = std::move(text);
  return response;
}

Response RunHandler(const std::function<OpsResponse()>& handler) {
  try {
    OpsResponse answer = handler();
    Response response{static_cast<http::status>(answer.status), 11};
    response.set(http::field::content_type, answer.content_type);
    response.body() = std::move(answer.body);
    return response;
  } catch (const std::exception& error) {
    return TextResponse(http::status::internal_server_error, std::string(error.what()) + "\n");
  }
}

Response Respond(const OpsHandlers& handlers, const Request& request) {
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    Response response = TextResponse(http::status::method_not_allowed, "only GET and HEAD\n");
    response.set(http::field::allow, "GET, HEAD");
    return response;
  }
  const std::string_view target{request.target().data(), request.target().size()};
  const auto handler = handlers.find(target.substr(0, target.find('?')));
  if (handler == handlers.end()) return TextResponse(http::status::not_found, "no such path\n");
  return RunHandler(handler->second);
}

// One connection: request, answer, and again.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, const OpsHandlers& handlers)
      : stream_(std::move(socket)), handlers_(handlers) {}

  void Start() { Read(kReadWithin); }
  void Close() { stream_.close(); }

 private:
  void Await();
  void Read(std::chrono::seconds within);
  void OnRead(error_code error);
  void Write(bool keep_alive);

  beast::tcp_stream stream_;
  const OpsHandlers& handlers_;
  beast::flat_buffer buffer_{kMaxHeader};
  std::optional<http::request_parser<http::string_body>> parser_;
  Response response_;
};

// Idle until the first byte of the next request.
void Connection::Await() {
  if (buffer_.size() > 0) return Read(kReadWithin);
  stream_.expires_after(kIdle);
  stream_.async_read_some(buffer_.prepare(kMaxHeader),
                          [self = shared_from_this()](error_code error, std::size_t size) {
                            if (error) return;
                            self->buffer_.commit(size);
                            self->Read(kReadWithin);
                          });
}

void Connection::Read(std::chrono::seconds within) {
  parser_.emplace();
  parser_->header_limit(kMaxHeader);
  parser_->body_limit(kMaxBody);
  stream_.expires_after(within);
  http::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](error_code error, std::size_t) { self->OnRead(error); });
}

void Connection::OnRead(error_code error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    response_ = TextResponse(http::status::request_header_fields_too_large, "headers too large\n");
    return Write(false);
  }
  if (error == http::error::body_limit) {
    response_ = TextResponse(http::status::payload_too_large, "body too large\n");
    return Write(false);
  }
  if (error) return;
  const Request& request = parser_->get();
  response_ = Respond(handlers_, request);
  Write(request.keep_alive());
}

void Connection::Write(bool keep_alive) {
  response_.keep_alive(keep_alive);
  response_.prepare_payload();
  if (parser_->get().method() == http::verb::head) response_.body().clear();
  stream_.expires_after(kWriteWithin);
  http::async_write(stream_, response_,
                    [self = shared_from_this(), keep_alive](error_code error, std::size_t) {
                      if (!error && keep_alive) return self->Await();
                      self->stream_.socket().shutdown(tcp::socket::shutdown_send, error);
                    });
}

struct HostPort {
  asio::ip::address host;
  std::uint16_t port = 0;
};

// IPv6's takes IPv4 connections, too; it does not exist on a kernel without IPv6.
asio::ip::address AnyAddress() {
  asio::io_context context;
  tcp::socket probe(context);
  error_code error;
  probe.open(tcp::v6(), error);
  if (error) return asio::ip::address_v4::any();
  return asio::ip::address_v6::any();
}

Result<HostPort> ParseAddress(const std::string& text) {
  const auto refuse = [&](const char* why) {
    return Invalid("listen address '" + text + "': " + why);
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return refuse("must be host:port");
  HostPort parsed;
  const char* end = text.data() + text.size();
  const auto [at, failure] = std::from_chars(text.data() + colon + 1, end, parsed.port);
  if (failure != std::errc{} || at != end) return refuse("the port must be 0..65535");
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  if (host == "localhost") host = "127.0.0.1";
  error_code error;
  parsed.host = host.empty() ? AnyAddress() : asio::ip::make_address(host, error);
  if (error) return refuse("the host must be an IP address, localhost or empty");
  return parsed;
}

}  // namespace

class OpsServer::Impl {
 public:
  explicit Impl(OpsHandlers handlers) : handlers_(std::move(handlers)) {}

  ~Impl() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] error_code Listen(const HostPort& address);
  void Run() {
    Accept();
    thread_ = std::thread([this] { context_.run(); });
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void Accept();
  void OnAccept(error_code error, tcp::socket socket);
  void MakeRoom();

  OpsHandlers handlers_;                               // outlives the connections in context_
  std::deque<std::weak_ptr<Connection>> connections_;  // oldest first, ended ones among them
  asio::io_context context_{1};
  tcp::acceptor acceptor_{context_};
  asio::steady_timer pause_{context_};
  std::uint16_t port_ = 0;
  std::thread thread_;
};

error_code OpsServer::Impl::Listen(const HostPort& address) {
  const tcp::endpoint endpoint(address.host, address.port);
  error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (error) return error;
  acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (address.host.is_v6()) acceptor_.set_option(asio::ip::v6_only(false), error);
  acceptor_.bind(endpoint, error);
  if (error) return error;
  acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return error;
  port_ = acceptor_.local_endpoint(error).port();
  return error;
}

void OpsServer::Impl::Accept() {
  acceptor_.async_accept(
      [this](error_code error, tcp::socket socket) { OnAccept(error, std::move(socket)); });
}

void OpsServer::Impl::OnAccept(error_code error, tcp::socket socket) {
  if (error) {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](error_code stopped) {
      if (!stopped) Accept();
    });
    return;
  }
  MakeRoom();
  const auto connection = std::make_shared<Connection>(std::move(socket), handlers_);
  connections_.push_back(connection);
  connection->Start();
  Accept();
}

// The oldest goes, so that whoever holds connections open cannot keep kubelet's probes out.
void OpsServer::Impl::MakeRoom() {
  std::erase_if(connections_, [](const auto& connection) { return connection.expired(); });
  if (connections_.size() < kMaxConnections) return;
  if (const auto oldest = connections_.front().lock()) oldest->Close();
  connections_.pop_front();
}

OpsServer::OpsServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
OpsServer::~OpsServer() = default;

std::uint16_t OpsServer::port() const { return impl_->port(); }

Result<std::unique_ptr<OpsServer>> OpsServer::Start(const std::string& address,
                                                    OpsHandlers handlers) {
  const Result<HostPort> parsed = ParseAddress(address);
  if (!parsed) return parsed.error();
  auto impl = std::make_unique<Impl>(std::move(handlers));
  if (const error_code error = impl->Listen(*parsed)) {
    return Error{
        ErrorKind::kUnavailable, "cannot listen on '" + address + "': " + error.message(), {}};
  }
  impl->Run();
  return std::unique_ptr<OpsServer>(new OpsServer(std::move(impl)));
}

}  // namespace evenkeel
