#include "controller/kubernetes/responses.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;

HttpResponse Answer(int status, std::string body = {}, Headers headers = {}) {
  return {status, std::move(headers), std::move(body)};
}

Error ErrorOf(const HttpResponse& response) {
  const Status status = CheckResponse(response);
  REQUIRE_FALSE(status);
  return status.error();
}

TEST_CASE("every status has a kind that decides what to do") {
  const std::vector<std::pair<int, ErrorKind>> table = {
      {400, ErrorKind::kInvalid},     {401, ErrorKind::kUnauthorized},
      {403, ErrorKind::kForbidden},   {404, ErrorKind::kNotFound},
      {405, ErrorKind::kInvalid},     {406, ErrorKind::kInvalid},
      {408, ErrorKind::kUnavailable}, {409, ErrorKind::kConflict},
      {410, ErrorKind::kGone},        {413, ErrorKind::kInvalid},
      {415, ErrorKind::kInvalid},     {422, ErrorKind::kInvalid},
      {429, ErrorKind::kThrottled},   {500, ErrorKind::kUnavailable},
      {503, ErrorKind::kUnavailable}, {504, ErrorKind::kUnavailable},
      {302, ErrorKind::kMalformed},   {418, ErrorKind::kMalformed},
  };
  for (const auto& [status, kind] : table) {
    INFO(status);
    CHECK(ErrorOf(Answer(status)).kind == kind);
  }
  CHECK(CheckResponse(Answer(200)));
  CHECK(CheckResponse(Answer(201)));
}

TEST_CASE("the API server's own message is carried to the user, on one line") {
  const Error error = ErrorOf(Answer(
      409, R"({"kind": "Status", "message": "the object has been\nmodified", "code": 409})"));
  CHECK(error.kind == ErrorKind::kConflict);
  CHECK(error.message == "HTTP status 409: the object has been modified");
}

TEST_CASE("an answer that is no Status is quoted on one line, and not at length") {
  CHECK(ErrorOf(Answer(502, "<html>\nbad gateway</html>")).message ==
        "HTTP status 502: <html> bad gateway</html>");
  CHECK(ErrorOf(Answer(500, std::string(100'000, 'x'))).message.size() < 300);
  CHECK(ErrorOf(Answer(500)).message == "HTTP status 500: no message");
}

TEST_CASE("Retry-After is read as seconds, as a date, or from the Status") {
  CHECK(ErrorOf(Answer(429, "", {{"retry-after", "17"}})).retry_after == 17s);
  CHECK(ErrorOf(Answer(503, "",
                       {{"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"},
                        {"Date", "Sun, 06 Nov 1994 08:49:07 GMT"}}))
            .retry_after == 30s);
  CHECK(ErrorOf(Answer(429, R"({"kind": "Status", "details": {"retryAfterSeconds": 3}})"))
            .retry_after == 3s);
}

TEST_CASE("a Retry-After that makes no sense is no wish, and none reaches beyond a day") {
  CHECK(ErrorOf(Answer(429)).retry_after == std::nullopt);
  CHECK(ErrorOf(Answer(429, "", {{"Retry-After", "soon"}})).retry_after == std::nullopt);
  CHECK(ErrorOf(Answer(429, "", {{"Retry-After", "17x"}})).retry_after == std::nullopt);
  CHECK(ErrorOf(Answer(429, "", {{"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"}})).retry_after ==
        std::nullopt);
  CHECK(ErrorOf(Answer(429, "", {{"Retry-After", "-5"}})).retry_after == 0s);
  CHECK(ErrorOf(Answer(429, "", {{"Retry-After", "9223372036854775807"}})).retry_after == 24h);
  CHECK(ErrorOf(Answer(429, "", {{"Retry-After", "99999999999999999999"}})).retry_after ==
        std::nullopt);
}

TEST_CASE("a page of a list has items, where to watch from, and the way to the next page") {
  const auto page = ParseList(ResourceKind::kHorizontalPodAutoscalers,
                              Answer(200, R"({"kind": "HorizontalPodAutoscalerList",
                      "metadata": {"resourceVersion": "812", "continue": "next"},
                      "items": [{"metadata": {"name": "h", "namespace": "shop",
                                              "creationTimestamp": "2026-01-02T03:04:05Z"},
                                 "spec": {"scaleTargetRef": {"apiVersion": "apps/v1",
                                          "kind": "Deployment", "name": "checkout"}}}]})"));
  REQUIRE(page);
  CHECK(page->resource_version == "812");
  CHECK(page->continue_token == "next");
  REQUIRE(page->items.size() == 1);
  CHECK(KeyOf(page->items.front()) == ObjectKey{"shop", "h"});
}

TEST_CASE("an empty list may have null for items") {
  for (const char* items : {"[]", "null"}) {
    const auto page = ParseList(ResourceKind::kPods,
                                Answer(200, std::string(R"({"metadata": {"resourceVersion": "1"},
                                                         "items": )") +
                                                items + "}"));
    REQUIRE(page);
    CHECK(page->items.empty());
    CHECK(page->continue_token.empty());
  }
}

TEST_CASE("a list that is cut, or is none, is malformed") {
  for (const char* body : {"", "[]", "{}", R"({"metadata": {}, "items": []})",
                           R"({"metadata": {"resourceVersion": "1"}, "items": {}})",
                           R"({"metadata": {"resourceVersion": "1"}, "items": [3]})",
                           R"({"metadata": {"resourceVersion": "1"}, "items": [{)"}) {
    INFO(body);
    const auto page = ParseList(ResourceKind::kPods, Answer(200, body));
    REQUIRE_FALSE(page);
    CHECK(page.error().kind == ErrorKind::kMalformed);
  }
}

TEST_CASE("a list that was refused is the refusal") {
  const auto page = ParseList(ResourceKind::kPods, Answer(410));
  REQUIRE_FALSE(page);
  CHECK(page.error().kind == ErrorKind::kGone);
}

TEST_CASE("a scale has what is wanted, what is there, and how to find the pods") {
  const auto scale = ParseScale(
      Answer(200, R"({"kind": "Scale", "metadata": {"name": "checkout", "namespace": "shop",
                      "uid": "u", "resourceVersion": "9"}, "spec": {"replicas": 7},
                      "status": {"replicas": 4, "selector": "app=checkout"}})"));
  REQUIRE(scale);
  CHECK(*scale == Scale{{"shop", "checkout"}, "u", "9", 7, 4, "app=checkout"});
}

TEST_CASE("zero replicas are omitted from a scale") {
  const auto scale =
      ParseScale(Answer(200, R"({"metadata": {"name": "c", "resourceVersion": "9"}, "spec": {}})"));
  REQUIRE(scale);
  CHECK(scale->spec_replicas == 0);
}

TEST_CASE("a scale whose count is no count is malformed") {
  for (const char* count : {"\"7\"", "-1", "1.5", "3000000000", "null"}) {
    INFO(count);
    const auto scale =
        ParseScale(Answer(200, R"({"metadata": {"resourceVersion": "9"}, "spec": {"replicas": )" +
                                   std::string(count) + "}}"));
    REQUIRE_FALSE(scale);
    CHECK(scale.error().kind == ErrorKind::kMalformed);
  }
  CHECK_FALSE(ParseScale(Answer(200, R"({"spec": {"replicas": 7}})")));
}

Result<WatchEvent> PolicyEvent(const std::string& line) {
  return ParseWatchEvent(ResourceKind::kScalingPolicies, line);
}

TEST_CASE("the lines of a watch are typed events") {
  const std::string object =
      R"({"metadata": {"name": "p", "namespace": "shop", "resourceVersion": "5"}})";
  const auto added = PolicyEvent(R"({"type": "ADDED", "object": )" + object + "}");
  REQUIRE(added);
  CHECK(added->type == WatchEventType::kAdded);
  CHECK(added->resource_version == "5");
  REQUIRE(added->object);
  CHECK(KeyOf(*added->object) == ObjectKey{"shop", "p"});

  const auto modified = PolicyEvent(R"({"object": )" + object + R"(, "type": "MODIFIED"})");
  REQUIRE(modified);
  CHECK(modified->type == WatchEventType::kModified);

  const auto deleted = PolicyEvent(R"({"type": "DELETED", "object": )" + object + "}");
  REQUIRE(deleted);
  CHECK(deleted->type == WatchEventType::kDeleted);
}

TEST_CASE("a bookmark has a resourceVersion and no object") {
  const auto bookmark = PolicyEvent(
      R"({"type": "BOOKMARK", "object": {"kind": "ScalingPolicy",
          "metadata": {"resourceVersion": "77", "creationTimestamp": null}}})");
  REQUIRE(bookmark);
  CHECK(bookmark->type == WatchEventType::kBookmark);
  CHECK(bookmark->resource_version == "77");
  CHECK_FALSE(bookmark->object);
}

TEST_CASE("an ERROR event is the error of its code, whatever is watched") {
  for (const ResourceKind kind : kAllResources) {
    const auto gone = ParseWatchEvent(
        kind, R"({"type": "ERROR", "object": {"kind": "Status", "status": "Failure", "code": 410,
                  "reason": "Expired", "message": "too old resource version"}})");
    REQUIRE_FALSE(gone);
    CHECK(gone.error().kind == ErrorKind::kGone);
    CHECK(gone.error().message == "watch: 410: too old resource version");
  }
  const auto throttled = PolicyEvent(
      R"({"type": "ERROR", "object": {"code": 429, "details": {"retryAfterSeconds": 2}}})");
  REQUIRE_FALSE(throttled);
  CHECK(throttled.error().kind == ErrorKind::kThrottled);
  CHECK(throttled.error().retry_after == 2s);
}

TEST_CASE("a line that is no event is malformed") {
  for (const char* line :
       {"{\"type\": \"ADDED\", \"obj", "{}", "[]", R"({"type": "ADDED"})",
        R"({"type": "ADDED", "object": {"metadata": {"name": "p"}}})",
        R"({"type": "ADDED", "object": {"metadata": {"resourceVersion": "1"}}})",
        R"({"type": "RENAMED", "object": {"metadata": {"name": "p", "resourceVersion": "1"}}})"}) {
    INFO(line);
    const auto event = PolicyEvent(line);
    REQUIRE_FALSE(event);
    CHECK(event.error().kind == ErrorKind::kMalformed);
  }
}

}  // namespace
}  // namespace evenkeel
