#include "base/xml.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(EscapedXml, ends_no_element_and_no_attribute) {
  EXPECT_EQ(escaped_xml(R"(<a b="c">&'d)", 100), "&lt;a b=&quot;c&quot;&gt;&amp;'d");
}

TEST(EscapedXml, has_no_control_characters_and_is_cut) {
  EXPECT_EQ(escaped_xml(std::string_view("a\0\x1b", 3), 100).find_first_of(std::string_view("\0\x1b", 2)),
            std::string::npos);
  EXPECT_LT(escaped_xml(std::string(1000, 'x'), 10).size(), 100U);
}

}  // namespace
}  // namespace slipway
