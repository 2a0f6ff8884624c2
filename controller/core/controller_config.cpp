#include "controller/core/controller_config.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/core/spec_reader.hpp"
#include "controller/core/spec_values.hpp"

namespace evenkeel {
namespace {

constexpr std::size_t kMaxSources = 64;
constexpr std::size_t kMaxEntries = 16;  // headers, parameters
constexpr std::size_t kMaxValueBytes = 4096;

bool IsVisible(char c) { return c > ' ' && c < '\x7f'; }

bool IsHeaderValue(const std::string& text) {
  return !text.empty() && IsVisible(text.front()) && IsVisible(text.back()) &&
         std::ranges::all_of(text, [](char c) { return IsVisible(c) || c == ' '; });
}

// A token of RFC 9110 § 5.6.2.
bool IsHeaderName(std::string_view name) {
  constexpr std::string_view kSeparators = "\"(),/:;<=>?@[\\]{}";
  return !name.empty() && name.size() <= 128 && std::ranges::all_of(name, [&](char c) {
    return IsVisible(c) && kSeparators.find(c) == std::string_view::npos;
  });
}

constexpr TextRule kFile{[](const std::string& path) {
                           return path.starts_with('/') && path.find('\0') == std::string::npos;
                         },
                         kMaxValueBytes,
                         "must be the absolute path of a file, beginning with \"/\""};
constexpr TextRule kUsername{[](const std::string& name) {
                               return IsHeaderValue(name) && name.find(':') == std::string::npos;
                             },
                             256, "must be a user name in ASCII without \":\""};
constexpr TextRule kServerName{[](const std::string& name) { return IsHeaderName(name); }, 253,
                               "must be a host name or an IPv4 address"};
constexpr TextRule kHeaderValue{&IsHeaderValue, kMaxValueBytes,
                                "must be ASCII text without line breaks, not empty"};
constexpr TextRule kParameterValue{&IsNotBlank, kMaxValueBytes, "must not be empty"};

void ReadName(SpecObject& source, SourceConfig& read) {
  source.Require("name");
  const nlohmann::json* given = source.Find("name");
  if (given == nullptr) return;
  read.name = given->is_string() ? given->get<std::string>() : std::string{};
  if (read.name.size() <= 63 && IsSimpleName(read.name)) return;
  source.Fail(
      "name",
      "must be lower case letters, digits and \"-\", at most 63; got " +
          given->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).substr(0, 80));
}

// Why it cannot be a source's URL; empty if it can. The transport (MakeHttpTransport) knows more.
std::string UrlFault(const std::string& url) {
  const std::string authority = [&] {
    const std::size_t scheme = url.find("://");
    const std::size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
    return url.substr(begin, url.find_first_of("/?#", begin) - begin);
  }();
  if (authority.find('@') != std::string::npos) {
    return "may hold no user or password: name the user in basicAuth.username and put the password "
           "into a file, named in basicAuth.passwordFile";
  }
  if (url.find_first_of("?#@") != std::string::npos) {
    return "may have no query or fragment: parameters go into queryParameters, secrets into files";
  }
  const bool http = url.starts_with("http://") || url.starts_with("https://");
  if (http && !authority.empty() && std::ranges::all_of(url, IsVisible)) return {};
  return "must be http:// or https://, a host, and perhaps a port and a path prefix, e.g. "
         "\"https://prometheus.monitoring.svc:9090\"; got \"" +
         url.substr(0, 80) + "\"";
}

void ReadUrl(SpecObject& source, SourceConfig& read) {
  static constexpr TextRule kAny{[](const std::string&) { return true; }, kMaxValueBytes, ""};
  source.Require("url");
  const auto url = source.Text("url", kAny);
  if (!url) return;
  read.server.base_url = *url;
  if (const std::string fault = UrlFault(*url); !fault.empty()) source.Fail("url", fault);
}

void RefuseInline(SpecObject& object, std::string_view name, std::string_view instead) {
  object.Refuse(name,
                "no credential may stand in the configuration: put it into a file, and name "
                "that in " +
                    std::string(instead));
}

void ReadCredentials(SpecObject& source, ServerConfig& server) {
  RefuseInline(source, "bearerToken", "bearerTokenFile");
  RefuseInline(source, "token", "bearerTokenFile");
  RefuseInline(source, "password", "basicAuth.passwordFile");
  server.bearer_token_file = source.Text("bearerTokenFile", kFile);
  source.Object("basicAuth", [&](SpecObject& basic) {
    RefuseInline(basic, "password", "passwordFile");
    basic.Require("username");
    server.username = basic.Text("username", kUsername);
    basic.Require("passwordFile");
    server.password_file = basic.Text("passwordFile", kFile);
  });
  if (source.Find("basicAuth") != nullptr && source.Find("bearerTokenFile") != nullptr) {
    source.Fail("basicAuth", "basicAuth and bearerTokenFile exclude each other");
  }
}

void ReadTls(SpecObject& source, ServerConfig& server) {
  source.Object("tls", [&](SpecObject& tls) {
    server.ca_file = tls.Text("caFile", kFile);
    server.client_certificate_file = tls.Text("certFile", kFile);
    server.client_key_file = tls.Text("keyFile", kFile);
    server.tls_server_name = tls.Text("serverName", kServerName);
    server.insecure_skip_tls_verify = tls.Boolean("insecureSkipVerify").value_or(false);
    const bool certificate = tls.Find("certFile") != nullptr;
    if (certificate != (tls.Find("keyFile") != nullptr)) {
      tls.Fail(certificate ? "keyFile" : "certFile",
               "certFile and keyFile belong together: give both or neither");
    }
    if (server.base_url.starts_with("http://")) {
      source.Fail("tls", "is of no use with a url that begins with http://");
    }
  });
}

bool SameHeader(std::string_view a, std::string_view b) {
  const HeaderNameLess less;
  return !less(a, b) && !less(b, a);
}

// Why a source may not add a header of this name; empty if it may.
std::string HeaderFault(std::string_view name) {
  constexpr std::array<std::string_view, 10> kOurs = {
      "Accept-Encoding", "Connection",        "Expect",  "Host",      "Keep-Alive", "TE",
      "Trailer",         "Transfer-Encoding", "Upgrade", "User-Agent"};
  constexpr std::string_view kContent = "Content-";
  if (!IsHeaderName(name)) return "is not a header name";
  if (SameHeader(name, "Authorization")) return "is set by bearerTokenFile or basicAuth only";
  const bool ours = std::ranges::any_of(kOurs, [&](auto our) { return SameHeader(name, our); });
  if (!ours && !SameHeader(name.substr(0, kContent.size()), kContent)) return {};
  return "is set by the HTTP client itself";
}

Headers ReadHeaders(SpecObject& source, std::string_view field, const TextRule& rule) {
  Headers headers;
  for (auto& [name, value] : source.Texts(field, rule, kMaxEntries)) {
    const std::string at = std::string(field) + "[" + name.substr(0, 80) + "]";
    if (const std::string fault = HeaderFault(name); !fault.empty()) {
      source.Fail(at, fault);
    } else if (!headers.emplace(name, value).second) {
      source.Fail(at, "is given twice: header names differ by more than case");
    }
  }
  return headers;
}

void ReadAllHeaders(SpecObject& source, ServerConfig& server) {
  server.headers = ReadHeaders(source, "headers", kHeaderValue);
  server.header_files = ReadHeaders(source, "headerFiles", kFile);
  for (const auto& [name, value] : server.headers) {
    if (server.header_files.contains(name)) {
      source.Fail("headerFiles[" + name + "]", "is given in headers too");
    }
    if (SameHeader(name, "Cookie") || SameHeader(name, "Proxy-Authorization")) {
      source.Fail("headers[" + name + "]",
                  "is a credential: put it into a file, and name that in headerFiles");
    }
  }
}

void ReadParameters(SpecObject& source, ServerConfig& server) {
  constexpr std::array<std::string_view, 6> kOurs = {"query", "time", "start",
                                                     "end",   "step", "timeout"};
  server.query_parameters = source.Texts("queryParameters", kParameterValue, kMaxEntries);
  for (const auto& [name, value] : server.query_parameters) {
    const std::string at = "queryParameters[" + name.substr(0, 80) + "]";
    if (name.empty()) source.Fail(at, "must have a name");
    if (std::ranges::find(kOurs, name) != kOurs.end()) {
      source.Fail(at, "is what each query sets by itself");
    }
  }
}

SourceConfig ReadSource(SpecObject& source) {
  SourceConfig read;
  ReadName(source, read);
  ReadUrl(source, read);
  ReadCredentials(source, read.server);
  ReadTls(source, read.server);
  ReadAllHeaders(source, read.server);
  ReadParameters(source, read.server);
  read.raw_queries = source.Boolean("rawQueries").value_or(false);
  return read;
}

void ReadSources(SpecObject& root, std::vector<SourceConfig>& sources) {
  root.List("sources", kMaxSources, [&](SpecObject& item) {
    SourceConfig source = ReadSource(item);
    const auto same = std::ranges::find(sources, source.name, &SourceConfig::name);
    if (same != sources.end()) {
      item.Fail("name", "\"" + source.name + "\" is the name of sources[" +
                            std::to_string(same - sources.begin()) + "] too");
    }
    sources.push_back(std::move(source));
  });
}

}  // namespace

ParsedControllerConfig ParseControllerConfig(const nlohmann::json& document) {
  ControllerConfig config;
  if (document.is_null()) return config;
  std::vector<FieldError> faults;
  if (!document.is_object()) return std::vector<FieldError>{{"(document)", "must be a map"}};
  SpecObject root(document, "", faults, Given::kTypeOnly);
  ReadSources(root, config.sources);
  if (const nlohmann::json* presets = root.Find("presets")) config.presets = *presets;
  root.RefuseUnknown();
  if (!faults.empty()) return faults;
  return config;
}

}  // namespace evenkeel
