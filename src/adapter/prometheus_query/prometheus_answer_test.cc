#include "adapter/prometheus_query/prometheus_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::prometheus_query {
namespace {

using testing::HasSubstr;

std::string vector_of(const std::string& series) {
  return R"({"status":"success","data":{"resultType":"vector","result":[)" + series + "]}}";
}

std::string refusal(const std::string& body) {
  const auto value = value_of(body);
  return value.ok() ? "ok" : value.error().message;
}

TEST(PrometheusAnswer, is_one_number) {
  EXPECT_EQ(value_of(vector_of(R"({"metric":{"job":"db"},"value":[1795000000.123,"0.25"]})")).value(), 0.25);
  EXPECT_EQ(value_of(R"({"status":"success","data":{"resultType":"scalar","result":[1795000000,"-3e2"]}})").value(),
            -300);
  EXPECT_EQ(value_of(R"({"status":"success","warnings":["x"],"data":{"resultType":"vector",)"
                     R"("result":[{"metric":{},"value":[1,"7"]}],"stats":{"a":[1]}}})")
                .value(),
            7);
}

TEST(PrometheusAnswer, without_one_says_why) {
  EXPECT_THAT(refusal(vector_of("")), HasSubstr("expected one series, found 0"));
  const std::string series = R"({"metric":{},"value":[1,"7"]})";
  EXPECT_THAT(refusal(vector_of(series + "," + series)), HasSubstr("expected one series, found 2"));
  for (const char* value : {"NaN", "+Inf", "-Inf", "", "7 apples"}) {
    EXPECT_THAT(refusal(vector_of(R"({"value":[1,")" + std::string(value) + R"("]})")),
                HasSubstr("expected a finite number"))
        << value;
  }
  EXPECT_THAT(refusal(R"({"status":"error","errorType":"bad_data","error":"parse error at char 3"})"),
              HasSubstr("it refused the query: parse error at char 3"));
  EXPECT_THAT(refusal(R"({"status":"success","data":{"resultType":"matrix","result":[]}})"),
              HasSubstr("expected a scalar or a vector, found \"matrix\""));
}

TEST(PrometheusAnswer, that_is_none_is_told_in_part) {
  EXPECT_THAT(refusal("<html>not here</html>"), HasSubstr("expected the answer to a query, found \"<html>not here"));
  EXPECT_THAT(refusal(""), HasSubstr("expected the answer to a query"));
  EXPECT_LT(refusal(std::string(100'000, '[')).size(), 400U);
  const std::string whole = vector_of(R"({"metric":{},"value":[1,"7"]})");
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_NE(refusal(whole.substr(0, size)), "ok") << size;
}

}  // namespace
}  // namespace slipway::prometheus_query
