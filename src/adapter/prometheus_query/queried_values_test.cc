#include "adapter/prometheus_query/queried_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace slipway::prometheus_query {
namespace {

using testing::HasSubstr;

class Queried : public testing::Test {
 protected:
  std::string said(const std::string& query, const std::string& server = "main") {
    const auto value = values_.value(server, query);
    return value.ok() ? std::to_string(static_cast<int>(*value)) : value.error().message;
  }

  ManualClock clock_;
  std::vector<std::string> asked_;
  Result<double> answer_ = 1.0;
  QueriedValues values_{{.servers = {{"main", "http://127.0.0.1:9090"}, {"other", "http://127.0.0.1:9091"}},
                         .clock = clock_,
                         .ask = [this](const std::string& url, const std::string& query) {
                           asked_.push_back(url + " " + query);
                           return answer_;
                         }}};
};

TEST_F(Queried, are_asked_once_somebody_wants_them_and_then_every_few_seconds) {
  values_.tick();
  EXPECT_TRUE(asked_.empty());
  EXPECT_EQ(said("up"), "it was not asked yet");
  values_.tick();
  EXPECT_EQ(asked_, (std::vector<std::string>{"http://127.0.0.1:9090 up"}));
  EXPECT_EQ(said("up"), "1");
  clock_.advance(kAskedEvery - std::chrono::milliseconds(1));
  values_.tick();
  EXPECT_EQ(asked_.size(), 1U);
  clock_.advance(std::chrono::milliseconds(1));
  answer_ = 2.0;
  values_.tick();
  EXPECT_EQ(said("up"), "2");
}

TEST_F(Queried, have_no_value_where_the_server_gives_none_or_is_not_asked_in_time) {
  said("up");
  answer_ = unavailable("expected one series, found 0");
  values_.tick();
  EXPECT_EQ(said("up"), "expected one series, found 0");
  answer_ = 3.0;
  clock_.advance(kAskedEvery);
  values_.tick();
  EXPECT_EQ(said("up"), "3");
  clock_.advance(kGoodFor + std::chrono::milliseconds(1));
  EXPECT_THAT(said("up"), HasSubstr("its last value is older than"));
}

TEST_F(Queried, go_to_servers_that_are_named_and_to_no_other) {
  EXPECT_THAT(said("up", "http://169.254.169.254"),
              HasSubstr("expected one that the setting prometheus names (main, other), found \"http://169.254"));
  values_.tick();
  EXPECT_TRUE(asked_.empty());
  EXPECT_TRUE(values_.check("other").ok());
  EXPECT_EQ(values_.check("OTHER").error().code, ErrorCode::InvalidInput);
}

TEST_F(Queried, that_nobody_wants_any_more_are_forgotten_and_there_are_never_too_many) {
  for (std::size_t i = 0; i < kMostQueries; ++i) said("query " + std::to_string(i));
  EXPECT_THAT(said("one more"), HasSubstr("expected at most 64 queries at once"));
  values_.tick();
  EXPECT_EQ(asked_.size(), kMostQueries);
  clock_.advance(kWantedFor + std::chrono::milliseconds(1));
  values_.tick();
  EXPECT_EQ(asked_.size(), kMostQueries);
  EXPECT_EQ(said("one more"), "it was not asked yet");
}

}  // namespace
}  // namespace slipway::prometheus_query
