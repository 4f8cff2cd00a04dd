// How strict the bodies are read: one table for every route that takes one.
#include <gmock/gmock.h>

#include "admin/admin_house.h"

namespace slipway::admin_scenarios {
namespace {

using testing::HasSubstr;

class Bodies : public AdminHouse {
 protected:
  Answered set(const std::string& body, std::map<std::string, std::string> headers = {}) {
    return call({.method = net::Method::Put,
                 .pattern = "/api/v1/models/{model}/aliases/{alias}",
                 .parameters = {"fraud", "champion"},
                 .body = body,
                 .headers = std::move(headers)});
  }
};

TEST_F(Bodies, that_are_wrong_are_refused_by_name) {
  const std::string deep = std::string(40, '[') + std::string(40, ']');
  const std::vector<std::pair<std::string, std::string>> table = {
      {"{", "expected a JSON object"},
      {"[]", "expected a JSON object, found an array"},
      {"null", "expected a JSON object, found null"},
      {"{} {}", "expected a JSON object"},
      {"{\"version\": NaN}", "expected a JSON object"},
      {"{\"version\": 1, \"version\": 2}", "the key \\\"version\\\" twice"},
      {"{\"vresion\": 1}", "expected keys out of version, expected, reason; found \\\"vresion\\\""},
      {"{\"version\": \"1\"}", "version: expected a whole number of 0 or more, found \\\"1\\\""},
      {"{\"version\": 1.0}", "version: expected a whole number of 0 or more, found 1.0"},
      {"{\"version\": -1}", "version: expected a whole number of 0 or more, found -1"},
      {"{\"version\": 99999999999999999999}", "version: expected a whole number"},
      {"{\"version\": true}", "version: expected a whole number of 0 or more, found true"},
      {"{\"version\": null}", "version: expected a version of 1 or more, found none"},
      {"{}", "version: expected a version of 1 or more, found none"},
      {"{\"version\": 1, \"reason\": 7}", "reason: expected a string, found 7"},
      {"{\"version\": 1, \"reason\": \"" + std::string(2000, 'a') + "\"}", "reason: expected at most 1024 bytes"},
      {"{\"version\": " + deep + "}", "nesting deeper than 16"},
      {"{\"version\": 1, \"reason\": \"\xff\"}", "expected a JSON object"},
      {std::string(70'000, ' '), "over the limit"},
  };
  for (const auto& [body, expected] : table) {
    const auto answer = set(body);
    EXPECT_EQ(answer.status, 400) << body.substr(0, 80);
    EXPECT_THAT(answer.body, HasSubstr(expected)) << body.substr(0, 80);
  }
}

TEST_F(Bodies, of_another_content_type_are_415) {
  push_upload("|weights", {{"name", "fraud"}});
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "application/jsonx"}) {
    EXPECT_EQ(set("{\"version\": 1}", {{"content-type", type}}).status, 415) << type;
  }
  for (const char* type : {"application/json", "application/json; charset=utf-8", "application/json ;x"}) {
    EXPECT_EQ(set("{\"version\": 1}", {{"content-type", type}}).status, 200) << type;
  }
}

}  // namespace
}  // namespace slipway::admin_scenarios
