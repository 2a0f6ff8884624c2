#include "controller/core/controller_config.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/support/catch.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;

json Source(const json& fields = json::object()) {
  json source = {{"name", "default"}, {"url", "https://prometheus:9090"}};
  source.merge_patch(fields);
  return source;
}

json WithSource(const json& fields) { return {{"sources", json::array({Source(fields)})}}; }

ControllerConfig Accept(const json& document) {
  ParsedControllerConfig parsed = ParseControllerConfig(document);
  if (const auto* faults = std::get_if<std::vector<FieldError>>(&parsed)) {
    FAIL(faults->front().ToString());
  }
  return std::get<ControllerConfig>(std::move(parsed));
}

std::vector<std::string> Refuse(const json& document) {
  const ParsedControllerConfig parsed = ParseControllerConfig(document);
  std::vector<std::string> faults;
  if (const auto* found = std::get_if<std::vector<FieldError>>(&parsed)) {
    for (const FieldError& fault : *found) faults.push_back(fault.ToString());
  }
  return faults;
}

TEST_CASE("configuration: every field of a source arrives where the transport looks for it") {
  const ControllerConfig config = Accept(
      {{"sources",
        {{{"name", "team-a"},
          {"url", "https://mimir.example:8443/prometheus"},
          {"basicAuth", {{"username", "evenkeel"}, {"passwordFile", "/etc/evenkeel/password"}}},
          {"tls",
           {{"caFile", "/ca"},
            {"certFile", "/crt"},
            {"keyFile", "/key"},
            {"serverName", "mimir"},
            {"insecureSkipVerify", true}}},
          {"headers", {{"X-Scope-OrgID", "team-a|team-b"}}},
          {"headerFiles", {{"THANOS-TENANT", "/tenant"}}},
          {"queryParameters", {{"dedup", "true"}}},
          {"rawQueries", true}},
         {{"name", "default"}, {"url", "http://prometheus:9090"}, {"bearerTokenFile", "/token"}}}},
       {"presets", {1, 2}}});
  ServerConfig mimir{.base_url = "https://mimir.example:8443/prometheus"};
  mimir.username = "evenkeel";
  mimir.password_file = "/etc/evenkeel/password";
  mimir.ca_file = "/ca";
  mimir.client_certificate_file = "/crt";
  mimir.client_key_file = "/key";
  mimir.tls_server_name = "mimir";
  mimir.insecure_skip_tls_verify = true;
  mimir.headers = {{"X-Scope-OrgID", "team-a|team-b"}};
  mimir.header_files = {{"THANOS-TENANT", "/tenant"}};
  mimir.query_parameters = {{"dedup", "true"}};
  ServerConfig plain{.base_url = "http://prometheus:9090"};
  plain.bearer_token_file = "/token";
  REQUIRE(config.sources.size() == 2);
  CHECK(config.sources[0] == SourceConfig{"team-a", mimir, true});
  CHECK(config.sources[1] == SourceConfig{"default", plain, false});
  CHECK(config.presets == json({1, 2}));
}

TEST_CASE("configuration: an empty file is one without sources") {
  CHECK(Accept(json()).sources.empty());
  CHECK(Accept(json::object()).presets.is_null());
}

TEST_CASE("configuration: each fault names its field and what is allowed there") {
  const std::string kInline = "no credential may stand in the configuration: put it into a file";
  const std::pair<json, std::string> rows[] = {
      {json::array(), "(document): must be a map"},
      {{{"source", json::array()}},
       "source: unknown field; known are: \"sources\", \"presets\"; did you mean \"sources\"?"},
      {{{"sources", "x"}}, "sources: must be of type array; got a value of type string"},
      {{{"sources", {"x"}}}, "sources[0]: must be of type object; got a value of type string"},
      {{{"sources", {{{"name", "a"}}}}}, "sources[0].url: Required value"},
      {{{"sources", {{{"url", "http://a"}}}}}, "sources[0].name: Required value"},
      {{{"sources", {Source(), Source()}}},
       "sources[1].name: \"default\" is the name of sources[0] too"},
      {WithSource({{"name", "Default"}}),
       "sources[0].name: must be lower case letters, digits and \"-\", at most 63; got "
       "\"Default\""},
      {WithSource({{"url", "prometheus:9090"}}), "got \"prometheus:9090\""},
      {WithSource({{"url", "https:///x"}}), "sources[0].url: must be http:// or https://, a host"},
      {WithSource({{"url", "https://a b"}}), "sources[0].url: must be http:// or https://, a host"},
      {WithSource({{"url", "https://u:pw@host"}}), "named in basicAuth.passwordFile"},
      {WithSource({{"url", "https://host/?token=x"}}), "parameters go into queryParameters"},
      {WithSource({{"bearerToken", "x"}}), "sources[0].bearerToken: " + kInline},
      {WithSource({{"basicAuth", {{"username", "u"}, {"password", "x"}, {"passwordFile", "/p"}}}}),
       "sources[0].basicAuth.password: " + kInline + ", and name that in passwordFile"},
      {WithSource({{"basicAuth", {{"username", "u"}}}}),
       "sources[0].basicAuth.passwordFile: Required value"},
      {WithSource({{"basicAuth", {{"username", "a:b"}, {"passwordFile", "/p"}}}}),
       "sources[0].basicAuth.username: must be a user name"},
      {WithSource(
           {{"bearerTokenFile", "/t"}, {"basicAuth", {{"username", "u"}, {"passwordFile", "/p"}}}}),
       "sources[0].basicAuth: basicAuth and bearerTokenFile exclude each other"},
      {WithSource({{"tls", {{"caFile", "ca.crt"}}}}),
       "sources[0].tls.caFile: must be the absolute path of a file"},
      {WithSource({{"tls", {{"certFile", "/c"}}}}),
       "sources[0].tls.keyFile: certFile and keyFile belong together"},
      {WithSource({{"tls", {{"insecureSkipVerify", "yes"}}}}),
       "sources[0].tls.insecureSkipVerify: must be of type boolean; got a value of type string"},
      {WithSource({{"tls", {{"cafile", "/c"}}}}), "did you mean \"caFile\"?"},
      {WithSource({{"url", "http://a"}, {"tls", {{"caFile", "/c"}}}}),
       "sources[0].tls: is of no use with a url that begins with http://"},
      {WithSource({{"headers", {{"authorization", "x"}}}}),
       "sources[0].headers[authorization]: is set by bearerTokenFile or basicAuth only"},
      {WithSource({{"headers", {{"HOST", "x"}}}}),
       "sources[0].headers[HOST]: is set by the HTTP client itself"},
      {WithSource({{"headerFiles", {{"content-Type", "/x"}}}}),
       "sources[0].headerFiles[content-Type]: is set by the HTTP client itself"},
      {WithSource({{"headers", {{"Cookie", "x"}}}}), "name that in headerFiles"},
      {WithSource({{"headers", {{"X A", "x"}}}}), "sources[0].headers[X A]: is not a header name"},
      {WithSource({{"headers", {{"X-A", "x\r\nHost: y"}}}}),
       "sources[0].headers[X-A]: must be ASCII text without line breaks"},
      {WithSource({{"headers", {{"X-A", "x"}, {"x-a", "y"}}}}),
       "header names differ by more than case"},
      {WithSource({{"headers", {{"X-A", "x"}}}, {"headerFiles", {{"x-a", "/y"}}}}),
       "sources[0].headerFiles[X-A]: is given in headers too"},
      {WithSource({{"queryParameters", {{"dedup", true}}}}),
       "sources[0].queryParameters[dedup]: must be of type string; got a value of type boolean"},
      {WithSource({{"queryParameters", {{"query", "up"}}}}),
       "sources[0].queryParameters[query]: is what each query sets by itself"},
      {WithSource({{"rawQueries", 1}}), "sources[0].rawQueries: must be of type boolean"},
  };
  for (const auto& [document, message] : rows) {
    const std::vector<std::string> faults = Refuse(document);
    CAPTURE(document.dump(), faults);
    REQUIRE(faults.size() == 1);
    CHECK_THAT(faults.front(), Catch::Contains(message));
  }
}

TEST_CASE("configuration: all faults are found at once") {
  CHECK(
      Refuse({{"sources", {Source({{"rawQueries", "no"}, {"tsl", 1}}), {{"name", "b"}}}}, {"x", 1}})
          .size() == 4);
}

TEST_CASE("configuration: a secret that was put in the wrong place is in no message") {
  const std::string secret = "hunter2";
  const json misplaced[] = {
      secret,
      {{"sources", secret}},
      {{"sources", {secret}}},
      {{"sources", {{{"name", "a"}, {"url", "https://u:" + secret + "@host"}}}}},
      {{"sources", {{{"name", "a"}, {"url", "u:" + secret + "@host:9090"}}}}},
      {{"sources", {{{"name", "a"}, {"url", "ftp://host?token=" + secret}}}}},
      {{"sources", {{{"name", "a"}, {"url", {secret}}}}}},
      WithSource({{"bearerToken", secret}}),
      WithSource({{"password", secret}}),
      WithSource({{"bearerTokenFile", secret}}),
      WithSource({{"bearerTokenFile", {{"value", secret}}}}),
      WithSource({{"basicAuth", "u:" + secret}}),
      WithSource({{"basicAuth", {{"username", "u:" + secret}, {"passwordFile", secret}}}}),
      WithSource({{"headers", {{"Authorization", "Bearer " + secret}}}}),
      WithSource({{"headers", {{"X-Key", {secret}}}}}),
      WithSource({{"headerFiles", {{"X-Key", secret}}}}),
      WithSource({{"tls", {{"keyFile", "-----BEGIN " + secret}}}}),
      WithSource({{"unknown", secret}}),
  };
  for (const json& document : misplaced) {
    const std::vector<std::string> faults = Refuse(document);
    CAPTURE(document.dump());
    CHECK_FALSE(faults.empty());
    for (const std::string& fault : faults) CHECK_THAT(fault, !Catch::Contains(secret));
  }
}

}  // namespace
}  // namespace evenkeel
