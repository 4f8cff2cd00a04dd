#include "domain/batching/cost_model.h"

#include <gtest/gtest.h>

#include <random>

namespace slipway::batching {
namespace {

using namespace std::chrono_literals;

double micros(Duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

TEST(CostModel, starts_from_what_warm_up_measured) {
  const CostModel model({6us, 100ns});
  EXPECT_EQ(model.estimate(1), 6100ns);
  EXPECT_EQ(model.estimate(64), 12400ns);
}

TEST(CostModel, learns_both_parts_from_batches_of_different_size) {
  CostModel model;
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t rows = 1 + random() % 64;
    model.observe(rows, 50us + rows * 5us);
  }
  EXPECT_NEAR(micros(model.cost().fixed), 50, 5);
  EXPECT_NEAR(micros(model.cost().per_row), 5, 0.5);
}

TEST(CostModel, a_preempted_execution_moves_it_by_little) {
  CostModel model({10us, 1us});
  for (int i = 0; i < 100; ++i) model.observe(1, 11us);
  const Duration before = model.estimate(1);
  model.observe(1, 50ms);
  for (int i = 0; i < 8; ++i) model.observe(1, 11us);
  EXPECT_NEAR(micros(model.estimate(1)), micros(before), 1.0);
}

TEST(CostModel, follows_a_lasting_change) {
  CostModel model({10us, 1us});
  for (int i = 0; i < 300; ++i) model.observe(1, 400us);
  EXPECT_NEAR(micros(model.estimate(1)), 400, 40);
  for (int i = 0; i < 300; ++i) model.observe(1, 20us);
  EXPECT_NEAR(micros(model.estimate(1)), 20, 5);
}

TEST(CostModel, batches_of_one_size_scale_the_line_and_keep_its_shape) {
  CostModel model({100us, 2ms});
  for (int i = 0; i < 5000; ++i) model.observe(16, 48150us);  // half as slow again, in overload: always full batches
  EXPECT_NEAR(micros(model.cost().fixed), 150, 15);
  EXPECT_NEAR(micros(model.cost().per_row), 3000, 60);
}

TEST(CostModel, batches_of_nearly_one_size_do_not_turn_noise_into_a_slope) {
  CostModel model({100us, 2ms});
  std::mt19937 random(1);
  std::uniform_real_distribution<double> noise(0.95, 1.05);
  for (int i = 0; i < 5000; ++i) {
    const std::uint64_t rows = 15 + random() % 2;
    const auto took = Duration(static_cast<std::int64_t>(noise(random) * (1e5 + 2e6 * static_cast<double>(rows))));
    model.observe(rows, took);
  }
  EXPECT_NEAR(micros(model.estimate(1)), 2100, 420);
  EXPECT_NEAR(micros(model.estimate(64)), 128100, 12800);
}

TEST(CostModel, is_never_negative) {
  CostModel model;
  for (int i = 0; i < 50; ++i) {
    model.observe(1, 100us);
    model.observe(64, 10us);
  }
  EXPECT_GE(model.cost().per_row, 0ns);
  EXPECT_GE(model.cost().fixed, 0ns);
}

TEST(CostModel, estimates_any_number_of_rows) {
  const CostModel model(model::Cost{1ms, 1ms});
  EXPECT_GT(model.estimate(std::uint64_t{1} << 62), std::chrono::hours(24 * 300));
}

}  // namespace
}  // namespace slipway::batching
