#include "controller/runtime/http_transport_credentials.hpp"

#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include "controller/runtime/http_transport.hpp"
#include "support/catch.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/transport_fixture.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

// Takes only `token`; anything else is a 401. Says in the body what came.
class Guard {
 public:
  explicit Guard(std::string token)
      : token_(std::move(token)), server_([this](Connection& c) {
          for (std::string request; !(request = c.ReadRequest()).empty();) c.Write(Reply(request));
        }) {}

  void Rotate(std::string token) {
    const std::lock_guard lock(mutex_);
    token_ = std::move(token);
  }
  [[nodiscard]] std::vector<std::string> seen() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }
  [[nodiscard]] std::string url() const { return server_.url(); }

 private:
  std::string Reply(const std::string& request) {
    const std::lock_guard lock(mutex_);
    seen_.push_back(HeaderOf(request, "Authorization"));
    return Answer(seen_.back() == "Bearer " + token_ ? 200 : 401, seen_.back());
  }

  std::mutex mutex_;
  std::string token_;
  std::vector<std::string> seen_;
  RawServer server_;
};

}  // namespace

TEST_CASE("a fixed token is sent with every request") {
  Guard guard("abc");
  const auto response =
      Connect({.base_url = guard.url(), .bearer_token = " abc\n"})->Send(Get("/"), {});
  REQUIRE(response);
  CHECK(response->status == 200);
}

TEST_CASE("user name and password are sent as basic authentication") {
  RawServer server(
      [](Connection& c) { c.Write(Answer(200, HeaderOf(c.ReadRequest(), "Authorization"))); });
  const auto response =
      Connect({.base_url = server.url(), .username = "Aladdin", .password = "open sesame"})
          ->Send(Get("/"), {});
  REQUIRE(response);
  CHECK(response->body == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");  // RFC 7617 § 2
}

TEST_CASE("a password file is read again soon after it changes") {
  const TempDir directory;
  RawServer server([](Connection& c) {
    for (std::string request; !(request = c.ReadRequest()).empty();) {
      c.Write(Answer(200, HeaderOf(request, "Authorization")));
    }
  });
  const auto transport = Connect({.base_url = server.url(),
                                  .username = "Aladdin",
                                  .password_file = directory.Write("password", "open sesame\n")});
  CHECK(transport->Send(Get("/"), {})->body == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  directory.Write("password", "x");
  CHECK(Await([&] { return transport->Send(Get("/"), {})->body == "Basic QWxhZGRpbjp4"; }));
}

TEST_CASE("a source's own headers and parameters are sent, those from files as they are now") {
  const TempDir directory;
  RawServer server([](Connection& c) {
    for (std::string request; !(request = c.ReadRequest()).empty();) {
      c.Write(Answer(200, request.substr(0, request.find("\r\n")) + "|" +
                              HeaderOf(request, "X-Scope-OrgID") + "|" +
                              HeaderOf(request, "THANOS-TENANT")));
    }
  });
  const auto transport =
      Connect({.base_url = server.url() + "/prefix",
               .headers = {{"X-Scope-OrgID", "a|b"}},
               .header_files = {{"THANOS-TENANT", directory.Write("tenant", "one\n")}},
               .query_parameters = {{"dedup", "true"}, {"match&", "a=b c"}}});
  const std::string rest = " HTTP/1.1|a|b|one";
  CHECK(transport->Send(Get("/x"), {})->body ==
        "GET /prefix/x?dedup=true&match%26=a%3Db%20c" + rest);
  CHECK(transport->Send(Get("/x?y=z"), {})->body ==
        "GET /prefix/x?y=z&dedup=true&match%26=a%3Db%20c" + rest);
  directory.Write("tenant", "two");
  CHECK(Await([&] { return transport->Send(Get("/x"), {})->body.ends_with("|two"); }));
}

TEST_CASE("a token file wins over a fixed token") {
  const TempDir directory;
  Guard guard("from-file");
  const auto response = Connect({.base_url = guard.url(),
                                 .bearer_token = "fixed",
                                 .bearer_token_file = directory.Write("token", "from-file\n")})
                            ->Send(Get("/"), {});
  REQUIRE(response);
  CHECK(response->status == 200);
}

TEST_CASE("a token file is read again soon after it changes") {
  const TempDir directory;
  Guard guard("one");
  const auto transport =
      Connect({.base_url = guard.url(), .bearer_token_file = directory.Write("token", "one")});
  REQUIRE(transport->Send(Get("/"), {})->status == 200);
  directory.Write("token", "two");
  // The server still takes the old one: no 401 gives the change away.
  CHECK(Await([&] { return transport->Send(Get("/"), {})->body == "Bearer two"; }));
}

TEST_CASE("a refused token is read again at once and the request repeated") {
  const TempDir directory;
  Guard guard("one");
  const auto transport =
      Connect({.base_url = guard.url(), .bearer_token_file = directory.Write("token", "one")});
  REQUIRE(transport->Send(Get("/"), {})->status == 200);
  guard.Rotate("two");
  directory.Write("token", "two");
  SECTION("for a request") { CHECK(transport->Send(Get("/"), {})->status == 200); }
  SECTION("for a stream") {
    std::string body;
    const auto take = [&](std::string_view piece) {
      body += piece;
      return true;
    };
    CHECK(transport->Stream(Get("/"), take, {})->status == 200);
    CHECK(body == "Bearer two");
  }
  CHECK(guard.seen() == std::vector<std::string>{"Bearer one", "Bearer one", "Bearer two"});
}

TEST_CASE("a refused token that has not changed is not sent again") {
  const TempDir directory;
  Guard guard("other");
  const auto transport =
      Connect({.base_url = guard.url(), .bearer_token_file = directory.Write("token", "one")});
  CHECK(transport->Send(Get("/"), {})->status == 401);
  CHECK(guard.seen().size() == 1);
}

TEST_CASE("a token file that vanishes leaves the last token in use") {
  const TempDir directory;
  Guard guard("one");
  const auto transport =
      Connect({.base_url = guard.url(), .bearer_token_file = directory.Write("token", "one")});
  std::filesystem::remove(directory.path() / "token");
  guard.Rotate("two");
  CHECK(transport->Send(Get("/"), {})->status == 401);  // looks at the file, too
  guard.Rotate("one");
  CHECK(transport->Send(Get("/"), {})->status == 200);
}

TEST_CASE("credentials that cannot be used are refused with field and reason") {
  const TempDir directory;
  const auto refused = [](const ServerConfig& config) {
    const auto transport = MakeHttpTransport(config);
    REQUIRE_FALSE(transport);
    CHECK(transport.error().kind == ErrorKind::kInvalid);
    return transport.error().message;
  };
  const std::string url = "https://127.0.0.1:1";
  CHECK_THAT(refused({.base_url = url, .bearer_token_file = "/nowhere/token"}),
             Contains("token file '/nowhere/token': No such file"));
  CHECK_THAT(refused({.base_url = url, .bearer_token_file = directory.path().string()}),
             Contains("token file '" + directory.path().string() + "'"));
  CHECK_THAT(refused({.base_url = url, .bearer_token_file = directory.Write("blank", " \n")}),
             Contains("empty"));
  CHECK_THAT(refused({.base_url = url, .username = "u", .password_file = "/nowhere/password"}),
             Contains("password file '/nowhere/password': No such file"));
  const std::string header = directory.Write("header", "hunter2\r\nHost: evil");
  CHECK_THAT(refused({.base_url = url, .header_files = {{"X-Key", header}}}),
             Contains("file of the header X-Key '" + header + "': must hold one line") &&
                 !Contains("hunter2"));
  CHECK_THAT(refused({.base_url = "https://u:hunter2@127.0.0.1"}),
             Contains("may have no user") && !Contains("hunter2"));
  CHECK_THAT(refused({.base_url = url, .bearer_token = "a\r\nHost: evil"}),
             Contains("white space"));
  CHECK_THAT(refused({.base_url = url, .ca_file = "/nowhere/ca"}),
             Contains("CA file '/nowhere/ca': No such file"));
  CHECK_THAT(refused({.base_url = url, .ca_pem = "no certificate"}), Contains("CA certificates"));
  CHECK_THAT(refused({.base_url = url, .client_certificate_pem = "x"}),
             Contains("certificate is given without its key"));
  CHECK_THAT(refused({.base_url = url, .client_key_pem = "x"}),
             Contains("key is given without its certificate"));
  CHECK_THAT(refused({.base_url = url, .client_certificate_pem = "x", .client_key_pem = "y"}),
             Contains("client certificate"));
  CHECK_THAT(refused({.base_url = url,
                      .ca_file = directory.Write("big", std::string((1 << 20) + 1, 'x'))}),
             Contains("larger than 1 MiB"));
}

TEST_CASE("a file's stamp changes with its content, also behind a symbolic link") {
  namespace fs = std::filesystem;
  const TempDir directory;
  CHECK(StampOf((directory.path() / "none").string()) == FileStamp{});
  const std::string file = directory.Write("a", "x");
  const FileStamp before = StampOf(file);
  CHECK(StampOf(file) == before);
  directory.Write("a", "y");
  CHECK(StampOf(file) != before);
  directory.Write("b", "x");
  const fs::path link = directory.path() / "link";
  fs::create_symlink("a", link);
  const FileStamp linked = StampOf(link.string());
  fs::remove(link);
  fs::create_symlink("b", link);
  CHECK(StampOf(link.string()) != linked);
}
