#include "base/invariant.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(Invariant, that_holds_does_nothing) {
  invariant(true, "all is well");
}

TEST(InvariantDeathTest, that_is_broken_ends_the_process_and_tells_why_and_where) {
  EXPECT_DEATH(invariant(false, "the ledger balances"), "broken invariant: the ledger balances .*invariant_test.cc:");
}

}  // namespace
}  // namespace slipway
