#include "adapter/protobuf_wire/wire_reader.h"

#include <gtest/gtest.h>

namespace slipway::protobuf_wire {
namespace {

using namespace std::string_view_literals;

// The fields as "number=value" or "number:bytes", or the error.
std::string read(std::string_view bytes) {
  WireReader reader(as_bytes(bytes));
  std::string out;
  while (true) {
    const auto field = reader.next();
    if (!field.ok()) return out + "! " + field.error().message;
    if (!*field) return out;
    const bool is_length = (*field)->type == WireType::Length;
    out += std::to_string((*field)->number) +
           (is_length ? ":" + std::string((*field)->text()) : "=" + std::to_string((*field)->value)) + " ";
  }
}

TEST(WireReader, the_four_types_are_read) {
  EXPECT_EQ(read("\x08\x96\x01\x12\x02hi\x1d\x01\0\0\0\x21\x02\0\0\0\0\0\0\0"sv), "1=150 2:hi 3=1 4=2 ");
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "1=18446744073709551615 ");
}

TEST(WireReader, whatever_is_malformed_is_refused_with_its_place) {
  EXPECT_EQ(read("\x08\x01\x12\x05hi"),
            "1=1 ! malformed protobuf at byte 4: expected 5 bytes of field 2, found 2 (is the end cut off?)");
  EXPECT_NE(read("\x08").find('!'), std::string::npos);
  EXPECT_NE(read("\x00\x01"sv).find("field number"), std::string::npos);
  EXPECT_NE(read("\x0b").find("wire type"), std::string::npos);
  EXPECT_NE(read("\x0f\x01").find("wire type"), std::string::npos);
  EXPECT_NE(read("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02").find('!'), std::string::npos);
  EXPECT_NE(read("\x1d\x01\x02").find("cut off"), std::string::npos);
  EXPECT_NE(read("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01").find('!'), std::string::npos);
}

}  // namespace
}  // namespace slipway::protobuf_wire
