// The API server of the integration tests, by $KUBECONFIG, and namespaces to work in.
//
// A test without its API server fails; it is not skipped. What a helper cannot do fails the test.
#pragma once

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include "controller/core/http.hpp"
#include "controller/core/scaling_policy.hpp"
#include "controller/kubernetes/objects.hpp"
#include "controller/kubernetes/requests.hpp"
#include "controller/kubernetes/resources.hpp"
#include "controller/kubernetes/responses.hpp"
#include "controller/runtime/http_transport.hpp"
#include "controller/runtime/kube_server.hpp"
#include "policies/policy.hpp"
#include "support/catch.hpp"
#include "support/source_dir.hpp"

namespace evenkeel::test {

inline std::string ReadFile(const std::string& path) {
  std::ifstream in(path);
  if (!in) FAIL("cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

class ApiServer {
 public:
  ApiServer() {
    const char* kubeconfig = std::getenv("KUBECONFIG");  // NOLINT(concurrency-mt-unsafe)
    if (kubeconfig == nullptr || *kubeconfig == '\0') {
      FAIL("KUBECONFIG is not set: integration tests need an API server (tests/cluster/up)");
    }
    const auto found = FindKubeServer({});
    if (!found) FAIL(found.error().message);
    auto transport = MakeHttpTransport(found->server);
    if (!transport) FAIL(transport.error().message);
    transport_ = *std::move(transport);
  }

  [[nodiscard]] HttpTransport& transport() { return *transport_; }

  // The answer, whatever its status.
  HttpResponse Send(const HttpRequest& request) {
    auto response = transport_->Send(request, {});
    if (!response) FAIL(request.method + " " + request.target + ": " + response.error().message);
    return *std::move(response);
  }

  // A 2xx answer.
  nlohmann::json Require(const HttpRequest& request) {
    const HttpResponse response = Send(request);
    if (const Status status = CheckResponse(response); !status) {
      FAIL(request.method + " " + request.target + ": " + status.error().message);
    }
    return nlohmann::json::parse(response.body, nullptr, false);
  }

  nlohmann::json Get(const std::string& target) { return Require({.target = target}); }

  nlohmann::json Post(const std::string& target, const nlohmann::json& object) {
    return Require({.method = "POST",
                    .target = target,
                    .headers = {{"Content-Type", "application/json"}},
                    .body = object.dump()});
  }

  // Returns the resourceVersion.
  std::string Create(const Resource& resource, const std::string& namespace_name,
                     const nlohmann::json& object) {
    HttpRequest list = ListRequest(resource, {.namespace_name = namespace_name, .limit = 0});
    return Post(list.target, object)["metadata"]["resourceVersion"];
  }

  void Delete(const Resource& resource, const ObjectKey& key) {
    HttpRequest request = GetRequest(resource, key);
    request.method = "DELETE";
    Require(request);
  }

  // Scales a deployment by the resourceVersion of the object itself, again after a conflict with
  // the deployment controller, which writes its status meanwhile.
  void AwaitScaled(const Resource& resource, const ObjectKey& key, Replicas replicas) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < deadline) {
      const auto object = ParseObject(ResourceKind::kDeployments, Send(GetRequest(resource, key)));
      if (!object) FAIL(object.error().message);
      const auto scale = ParseScale(Send(PatchScaleRequest(
          resource, key, replicas, std::get<Workload>(*object).resource_version)));
      if (scale) return;
      if (scale.error().kind != ErrorKind::kConflict) FAIL(scale.error().message);
    }
    FAIL("not scaled in time");
  }

  // crds/scalingpolicy.yaml, unless it is there; returns when policies can be listed.
  void InstallCrd() {
    const HttpResponse created =
        Send({.method = "POST",
              .target = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
              .headers = {{"Content-Type", "application/yaml"}, {"Accept", "application/json"}},
              .body = ReadFile(test::SourceDir() + "/crds/scalingpolicy.yaml")});
    if (created.status != 409) {
      const Status status = CheckResponse(created);
      if (!status) FAIL("crds/scalingpolicy.yaml: " + status.error().message);
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    const HttpRequest list = ListRequest(Describe(ResourceKind::kScalingPolicies), {.limit = 1});
    while (Send(list).status != 200) {
      if (std::chrono::steady_clock::now() > deadline) FAIL("the CRD is not served in time");
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

 private:
  std::unique_ptr<HttpTransport> transport_;
};

// A fresh namespace, deleted at the end.
class TestNamespace {
 public:
  explicit TestNamespace(ApiServer& api) : api_(api) {
    const nlohmann::json object = {{"apiVersion", "v1"},
                                   {"kind", "Namespace"},
                                   {"metadata", {{"generateName", "integration-"}}}};
    name_ = api_.Post("/api/v1/namespaces", object)["metadata"]["name"];
  }
  ~TestNamespace() {
    const HttpRequest request{.method = "DELETE", .target = "/api/v1/namespaces/" + name_};
    if (!api_.transport().Send(request, {})) WARN("namespace " + name_ + " was not deleted");
  }
  TestNamespace(const TestNamespace&) = delete;
  TestNamespace& operator=(const TestNamespace&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  ApiServer& api_;
  std::string name_;
};

}  // namespace evenkeel::test
