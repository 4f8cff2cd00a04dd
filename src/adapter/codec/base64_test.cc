#include "adapter/codec/base64.h"

#include <gtest/gtest.h>

namespace slipway::codec {
namespace {

TEST(Base64, reads_what_the_standard_gives_as_examples) {
  EXPECT_EQ(*decode_base64(""), "");
  EXPECT_EQ(*decode_base64("Zg=="), "f");
  EXPECT_EQ(*decode_base64("Zm8="), "fo");
  EXPECT_EQ(*decode_base64("Zm9v"), "foo");
  EXPECT_EQ(*decode_base64("Zm9vYmFy"), "foobar");
  EXPECT_EQ(*decode_base64("AP/+"), std::string("\0\xff\xfe", 3));
  EXPECT_EQ(*decode_base64("Zm8"), "fo");
}

TEST(Base64, refuses_everything_else) {
  for (const std::string_view text :
       {"Z", "Zg=", "Zm9v\n", "Zm9-", "Zh==", "Zm9=", "====", "Zg==Zg==", "Z===", " Zm9v"}) {
    const auto read = decode_base64(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::InvalidInput) << text;
  }
}

}  // namespace
}  // namespace slipway::codec
