#include "adapter/log_evidence/packed_words.h"

#include <gtest/gtest.h>

#include "domain/stats/kept_state.h"
#include "domain/stats/random.h"

namespace slipway::log_evidence {
namespace {

std::vector<std::byte> words(std::vector<std::uint64_t> values) {
  stats::StateWriter writer;
  for (std::uint64_t& value : values) writer(value);
  return writer.take();
}

TEST(PackedWords, reads_back_what_was_packed) {
  stats::Xoshiro256 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::uint64_t> values;
    for (std::uint64_t i = random.below(40); i > 0; --i) {
      const std::uint64_t value = random.below(4) == 0 ? 0 : ~std::uint64_t{0} >> (8 * random.below(8));
      values.insert(values.end(), 1 + random.below(300), value);
    }
    const auto before = words(values);
    EXPECT_EQ(unpacked(packed(before), before.size()).value(), before);
  }
}

TEST(PackedWords, of_zeros_are_few) {
  EXPECT_LT(packed(words(std::vector<std::uint64_t>(100'000, 0))).size(), 9U);
}

TEST(PackedWords, that_are_damaged_or_too_many_are_refused) {
  const std::string text = packed(words({1, 0, 0, 0x1234567890}));
  for (const std::string_view bad : {std::string_view("*"), std::string_view("CQ=="), std::string_view("AA=="),
                                     std::string_view("AP////////8="), std::string_view("CAE=")}) {
    EXPECT_EQ(unpacked(bad, 1'000).error().code, ErrorCode::InvalidInput) << bad;
  }
  EXPECT_TRUE(unpacked(text, 32).ok());
  EXPECT_FALSE(unpacked(text, 31).ok());
}

}  // namespace
}  // namespace slipway::log_evidence
