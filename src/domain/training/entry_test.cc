#include "domain/training/entry.h"

#include <gtest/gtest.h>

#include <limits>

namespace slipway::training {
namespace {

Metric metric(double value, std::int64_t timestamp, std::int64_t step) {
  return {.key = "loss", .value = value, .timestamp = timestamp, .step = step};
}

TEST(Entry, states_are_read_as_they_are_written) {
  for (int i = 1; i <= static_cast<int>(State::UploadFailed); ++i) {
    const auto state = static_cast<State>(i);
    EXPECT_EQ(parse_state(name_of(state)), state) << name_of(state);
  }
  EXPECT_EQ(parse_state(""), std::nullopt);
  EXPECT_EQ(parse_state("running"), std::nullopt);
}

TEST(Entry, a_state_belongs_to_one_kind) {
  EXPECT_TRUE(fits(State::Running, Kind::Run));
  EXPECT_FALSE(fits(State::Ready, Kind::Run));
  EXPECT_TRUE(fits(State::Ready, Kind::Model));
  EXPECT_FALSE(fits(State::Running, Kind::Experiment));
}

TEST(Entry, ids_have_one_form_each) {
  const std::string hex(32, 'a');
  EXPECT_TRUE(is_id(Kind::Run, hex));
  EXPECT_TRUE(is_id(Kind::Model, "m-" + hex));
  EXPECT_TRUE(is_id(Kind::Experiment, "0"));
  for (const std::string& text : {std::string(), hex + "a", std::string("../") + hex.substr(3), "m-" + hex}) {
    EXPECT_FALSE(is_id(Kind::Run, text)) << text;
  }
  EXPECT_FALSE(is_id(Kind::Experiment, "-1"));
  EXPECT_FALSE(is_id(Kind::Experiment, std::string(19, '1')));
}

TEST(Entry, the_latest_metric_is_of_the_highest_step_then_time_then_value) {
  EXPECT_TRUE(is_later(metric(1, 5, 2), metric(9, 9, 1)));
  EXPECT_TRUE(is_later(metric(1, 6, 2), metric(9, 5, 2)));
  EXPECT_TRUE(is_later(metric(2, 5, 2), metric(1, 5, 2)));
  EXPECT_FALSE(is_later(metric(1, 5, 2), metric(1, 5, 2)));
}

TEST(Entry, not_a_number_gives_way_to_numbers_of_the_same_moment) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(is_later(metric(-1, 0, 0), metric(nan, 0, 0)));
  EXPECT_FALSE(is_later(metric(nan, 0, 0), metric(-1, 0, 0)));
  EXPECT_TRUE(metric(nan, 0, 0) == metric(nan, 0, 0));
}

}  // namespace
}  // namespace slipway::training
