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

TEST(CostModel, is_never_negative) {
  CostModel model;
  for (int i = 0; i < 50; ++i) {
    model.observe(1, 100us);
    model.observe(64, 10us);
  }
  EXPECT_GE(model.cost().per_row, 0ns);
  EXPECT_GE(model.cost().fixed, 0ns);
}

}  // namespace
}  // namespace slipway::batching
