#include "adapter/net/content_coding.h"

#include <gtest/gtest.h>

namespace slipway::net {
namespace {

TEST(ContentCodingTest, the_preferred_coding_of_ours_is_chosen) {
  struct Row {
    const char* accept;
    Coding chosen;
  };
  for (const Row& row :
       {Row{"", Coding::Identity}, Row{"gzip", Coding::Gzip}, Row{"GZIP", Coding::Gzip},
        Row{"deflate", Coding::Deflate}, Row{"deflate, gzip", Coding::Gzip},
        Row{"gzip;q=0.5, deflate;q=0.6", Coding::Deflate}, Row{"gzip;q=0", Coding::Identity},
        Row{"gzip; q=0.000", Coding::Identity}, Row{"*", Coding::Gzip}, Row{"*;q=0", Coding::Identity},
        Row{"br, zstd", Coding::Identity}, Row{"gzip;q=0, *", Coding::Deflate}, Row{"identity", Coding::Identity},
        Row{"gzip;q=9999999999", Coding::Gzip}, Row{",,gzip,,", Coding::Gzip}}) {
    EXPECT_EQ(choose_coding(row.accept), row.chosen) << row.accept;
  }
}

TEST(ContentCodingTest, only_one_known_coding_is_read) {
  EXPECT_EQ(parse_content_coding(""), Coding::Identity);
  EXPECT_EQ(parse_content_coding("Deflate"), Coding::Deflate);
  EXPECT_EQ(parse_content_coding("gzip, gzip"), std::nullopt);
  EXPECT_EQ(parse_content_coding("br"), std::nullopt);
}

TEST(ContentCodingTest, what_is_deflated_inflates_to_the_same) {
  const std::string text(10'000, 'z');
  for (const Coding coding : {Coding::Gzip, Coding::Deflate}) {
    const auto encoded = deflate_all(coding, text);
    ASSERT_TRUE(encoded);
    Inflater inflater(coding);
    std::string out(20'000, '\0');
    const auto step = inflater.inflate(as_bytes(*encoded), std::as_writable_bytes(std::span(out)));
    EXPECT_EQ(step.outcome, Inflater::Outcome::Ended);
    EXPECT_EQ(out.substr(0, step.produced), text);
  }
  EXPECT_EQ(deflate_all(Coding::Gzip, "ab"), std::nullopt);
}

}  // namespace
}  // namespace slipway::net
