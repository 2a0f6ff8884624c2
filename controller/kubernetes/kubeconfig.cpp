#include "controller/kubernetes/kubeconfig.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "controller/core/server_config.hpp"
#include "controller/kubernetes/json_access.hpp"
#include "policies/result.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;

Error Faulty(std::string message) { return Invalid("kubeconfig: " + std::move(message)); }

// One of the named entries of a kubeconfig: {"name": ..., "<member>": {...}}.
class Entry {
 public:
  static Result<Entry> Find(const json& config, std::string_view list, std::string_view member,
                            std::string_view name) {
    const std::string path = std::string(list) + "[name=" + std::string(name) + "]";
    const json* entries = FindField(config, list);
    if (entries != nullptr && entries->is_array()) {
      for (const json& entry : *entries) {
        if (StringField(entry, "name") != name) continue;
        const json* body = FindField(entry, member);
        if (body != nullptr && body->is_object()) {
          return Entry(*body, path + "." + std::string(member));
        }
        return Faulty(path + ": must have an object \"" + std::string(member) + "\"");
      }
    }
    return Faulty(path + ": there is no such entry");
  }

  // Nothing if absent, null or empty, as kubectl treats it.
  [[nodiscard]] Result<std::optional<std::string>> Text(std::string_view field) const {
    const json* value = FindField(*body_, field);
    if (value == nullptr || value->is_null()) return std::optional<std::string>{};
    if (!value->is_string()) return Faulty(Path(field) + ": must be a string");
    std::string text = *value;
    if (text.empty()) return std::optional<std::string>{};
    return std::optional(std::move(text));
  }

  [[nodiscard]] Result<bool> Flag(std::string_view field) const {
    const json* value = FindField(*body_, field);
    if (value == nullptr || value->is_null()) return false;
    if (!value->is_boolean()) return Faulty(Path(field) + ": must be true or false");
    return value->get<bool>();
  }

  [[nodiscard]] std::string Path(std::string_view field) const {
    return path_ + "." + std::string(field);
  }
  [[nodiscard]] bool Has(std::string_view field) const {
    const json* value = FindField(*body_, field);
    return value != nullptr && !value->is_null();
  }

 private:
  Entry(const json& body, std::string path) : body_(&body), path_(std::move(path)) {}

  const json* body_;
  std::string path_;
};

// Fills a ServerConfig; the first fault ends it.
class Reader {
 public:
  explicit Reader(std::string_view directory) : directory_(directory) {}

  void Cluster(const Entry& cluster) {
    std::optional<std::string> server;
    Text(cluster, "server", server);
    if (!server && !fault_) fault_ = Faulty(cluster.Path("server") + ": is missing");
    out_.base_url = server.value_or("");
    Pem(cluster, "certificate-authority", out_.ca_pem, out_.ca_file);
    Text(cluster, "tls-server-name", out_.tls_server_name);
    const Result<bool> insecure = cluster.Flag("insecure-skip-tls-verify");
    if (!insecure) {
      Fail(insecure.error());
    } else {
      out_.insecure_skip_tls_verify = *insecure;
    }
  }

  void User(const Entry& user) {
    for (const std::string_view refused : {"exec", "auth-provider"}) {
      if (!user.Has(refused)) continue;
      Fail(Faulty(user.Path(refused) +
                  ": is not supported, since it runs a program; use token, tokenFile, "
                  "client-certificate and client-key, or username and password"));
    }
    Text(user, "token", out_.bearer_token);
    File(user, "tokenFile", out_.bearer_token_file);
    Pem(user, "client-certificate", out_.client_certificate_pem, out_.client_certificate_file);
    Pem(user, "client-key", out_.client_key_pem, out_.client_key_file);
    Text(user, "username", out_.username);
    Text(user, "password", out_.password);
    CheckPair(user);
  }

  Result<ServerConfig> Take() {
    if (fault_) return *fault_;
    return std::move(out_);
  }

 private:
  void Fail(Error error) {
    if (!fault_) fault_ = std::move(error);
  }

  void CheckPair(const Entry& user) {
    const bool certificate = out_.client_certificate_pem || out_.client_certificate_file;
    const bool key = out_.client_key_pem || out_.client_key_file;
    if (certificate && !key) Fail(Faulty(user.Path("client-key") + ": is missing"));
    if (key && !certificate) Fail(Faulty(user.Path("client-certificate") + ": is missing"));
  }

  void Text(const Entry& entry, std::string_view field, std::optional<std::string>& into) {
    auto text = entry.Text(field);
    if (!text) return Fail(text.error());
    into = *std::move(text);
  }

  void File(const Entry& entry, std::string_view field, std::optional<std::string>& into) {
    Text(entry, field, into);
    if (into && into->front() != '/') into = directory_ + "/" + *into;
  }

  // `field` names a file, `field`-data holds its content in base64 and wins.
  void Pem(const Entry& entry, const std::string& field, std::optional<std::string>& data,
           std::optional<std::string>& file) {
    Text(entry, field + "-data", data);
    if (!data) return File(entry, field, file);
    auto decoded = DecodeBase64(*data);
    if (!decoded) return Fail(Faulty(entry.Path(field + "-data") + ": " + decoded.error().message));
    data = *std::move(decoded);
  }

  std::string directory_;
  ServerConfig out_{};
  std::optional<Error> fault_;
};

Result<std::string> ContextName(const json& config, std::string_view context) {
  if (!context.empty()) return std::string(context);
  std::string current = StringField(config, "current-context");
  if (current.empty()) return Faulty("current-context: is not set, and no context was named");
  return current;
}

Result<std::string> Required(const Entry& entry, std::string_view field) {
  auto text = entry.Text(field);
  if (!text) return text.error();
  if (!*text) return Faulty(entry.Path(field) + ": is missing");
  return **std::move(text);
}

int Base64Digit(char c) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t at = kDigits.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

Result<KubernetesAccess> ParseKubeconfig(const json& config, std::string_view directory,
                                         std::string_view context) {
  if (!config.is_object()) return Faulty("must be an object");
  const auto name = ContextName(config, context);
  if (!name) return name.error();
  const auto entry = Entry::Find(config, "contexts", "context", *name);
  if (!entry) return entry.error();
  const auto cluster_name = Required(*entry, "cluster");
  if (!cluster_name) return cluster_name.error();
  const auto user_name = Required(*entry, "user");
  if (!user_name) return user_name.error();
  const auto space = entry->Text("namespace");
  if (!space) return space.error();
  const auto cluster = Entry::Find(config, "clusters", "cluster", *cluster_name);
  if (!cluster) return cluster.error();
  const auto user = Entry::Find(config, "users", "user", *user_name);
  if (!user) return user.error();

  Reader reader(directory);
  reader.Cluster(*cluster);
  reader.User(*user);
  auto server = reader.Take();
  if (!server) return server.error();
  return KubernetesAccess{*std::move(server), space->value_or("default")};
}

Result<ServerConfig> InClusterConfig(std::string_view directory, std::string_view host,
                                     std::string_view port) {
  if (host.empty() || port.empty()) {
    return Error{ErrorKind::kInvalid,
                 "not inside a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be "
                 "set; outside of a cluster give a kubeconfig",
                 {}};
  }
  const bool ipv6 = host.find(':') != std::string_view::npos && host.front() != '[';
  const std::string base(directory);
  ServerConfig config;
  config.base_url = "https://" + (ipv6 ? "[" + std::string(host) + "]" : std::string(host)) + ":" +
                    std::string(port);
  config.bearer_token_file = base + "/token";
  config.ca_file = base + "/ca.crt";
  return config;
}

Result<std::string> DecodeBase64(std::string_view text) {
  const Error fault = Invalid("is not base64");
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits),
               [](char c) { return !IsSpace(c); });
  if (digits.size() % 4 != 0) return fault;
  for (int padding = 0; padding < 2 && !digits.empty() && digits.back() == '='; ++padding) {
    digits.pop_back();
  }
  std::string bytes;
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const char c : digits) {
    const int digit = Base64Digit(c);
    if (digit < 0) return fault;
    buffer = (buffer << 6U) | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>((buffer >> bits) & 0xFFU);
    buffer &= (1U << bits) - 1U;
  }
  // The bits that padding stands for must be zero (RFC 4648 § 3.5).
  if (buffer != 0) return fault;
  return bytes;
}

}  // namespace evenkeel
