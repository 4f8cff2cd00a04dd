// SeenUnits: what is read back is a table that can be searched.
#include "domain/evidence/seen_units.h"

#include <gtest/gtest.h>

#include "domain/evidence/evidence.h"

namespace slipway::evidence {
namespace {

TEST(SeenUnits, a_kept_table_without_a_free_slot_is_corrupt) {
  EvidencePlan plan;
  plan.metrics = {{.name = "error_rate"}};
  plan.unit = Unit::Keyed;
  Evidence evidence = Evidence::create(plan).value();
  const std::vector<std::byte> state = evidence.state();
  std::size_t list = 0;  // the length of the keys follows the number of slots: 1024, 1024
  const auto is_1024 = [&](std::size_t at) { return state[at] == std::byte{0} && state[at + 1] == std::byte{4}; };
  while (list + 16 < state.size() && !(is_1024(list) && is_1024(list + 8))) list += 8;
  ASSERT_LT(list + 16 + 2 * 1024 * 8, state.size());
  std::vector<std::byte> one = state, all = state;
  one[list + 16] = std::byte{1};
  for (std::size_t i = 0; i < 1024; ++i) all[list + 16 + 8 * i] = std::byte{1};
  EXPECT_TRUE(Evidence::restore(plan, state).ok());
  EXPECT_EQ(Evidence::restore(plan, one).error().code, ErrorCode::Corrupt);
  EXPECT_EQ(Evidence::restore(plan, all).error().code, ErrorCode::Corrupt);
}

}  // namespace
}  // namespace slipway::evidence
