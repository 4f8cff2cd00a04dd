#include "adapter/codec/typed_contents.h"

#include <gtest/gtest.h>

#include <cstring>

#include "adapter/protobuf_wire/wire_writer.h"

namespace slipway::codec {
namespace {

using namespace std::string_view_literals;
using tensor::DataType;

std::string packed(std::uint32_t number, std::initializer_list<std::uint64_t> values) {
  std::string bytes, out;
  for (const std::uint64_t value : values) protobuf_wire::append_varint(bytes, value);
  protobuf_wire::append_field(out, number, bytes);
  return out;
}

std::string one(std::uint32_t number, std::uint64_t value) {
  std::string out;
  protobuf_wire::append_tag(out, number, protobuf_wire::WireType::Varint);
  protobuf_wire::append_varint(out, value);
  return out;
}

class TypedContents : public testing::Test {
 protected:
  Result<ByteSpan> read(std::string_view contents, DataType type, tensor::Shape shape) {
    return read_typed_contents(as_bytes(contents), {"x", type, shape, {}}, arena_);
  }
  std::string error_of(std::string_view contents, DataType type, tensor::Shape shape) {
    const auto found = read(contents, type, shape);
    return found ? "none" : found.error().message;
  }
  template <class Element>
  std::vector<Element> elements(std::string_view contents, DataType type, tensor::Shape shape) {
    const auto found = read(contents, type, shape);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    if (!found) return {};
    std::vector<Element> out(found->size() / sizeof(Element));
    std::memcpy(out.data(), found->data(), found->size());
    return out;
  }
  Arena arena_;
};

TEST_F(TypedContents, packed_and_single_elements_follow_one_another) {
  EXPECT_EQ(elements<std::int8_t>(packed(2, {1, std::uint64_t(-2)}) + one(2, 3), DataType::Int8, {3}),
            (std::vector<std::int8_t>{1, -2, 3}));
  EXPECT_EQ(elements<std::uint64_t>(packed(5, {UINT64_MAX}), DataType::UInt64, {1}),
            (std::vector<std::uint64_t>{UINT64_MAX}));
  EXPECT_EQ(elements<std::int64_t>(packed(3, {std::uint64_t(INT64_MIN)}), DataType::Int64, {1, 1}),
            (std::vector<std::int64_t>{INT64_MIN}));
  EXPECT_EQ(elements<std::uint8_t>(packed(1, {0, 1, 7}), DataType::Bool, {3}), (std::vector<std::uint8_t>{0, 1, 1}));
}

TEST_F(TypedContents, floats_are_taken_as_they_lie) {
  const float values[2] = {0.5F, -1.25F};
  std::string contents;
  protobuf_wire::append_field(contents, 6, {reinterpret_cast<const char*>(values), sizeof values});
  EXPECT_EQ(elements<float>(contents, DataType::FP32, {2}), (std::vector<float>{0.5F, -1.25F}));
  protobuf_wire::append_tag(contents, 6, protobuf_wire::WireType::Fixed32);
  contents.append(reinterpret_cast<const char*>(values), 4);
  EXPECT_EQ(elements<float>(contents, DataType::FP32, {3}), (std::vector<float>{0.5F, -1.25F, 0.5F}));
}

TEST_F(TypedContents, texts_become_elements_behind_their_lengths) {
  EXPECT_EQ(as_text(*read("\x42\x02hi\x42\x00"sv, DataType::Bytes, {2})), "\x02\0\0\0hi\0\0\0\0"sv);
}

TEST_F(TypedContents, another_field_than_the_datatypes_is_named) {
  EXPECT_EQ(error_of(packed(2, {1}), DataType::FP32, {1}),
            "expected fp32_contents for datatype FP32, found int_contents");
  EXPECT_EQ(error_of("", DataType::FP16, {1}),
            "expected raw_input_contents for datatype FP16, which typed contents have no field for");
  EXPECT_EQ(error_of(packed(2, {}) + packed(4, {1}), DataType::UInt8, {1}), "none");  // an empty field says nothing
}

TEST_F(TypedContents, the_shape_says_how_many_elements_there_are) {
  EXPECT_EQ(error_of(packed(4, {1, 2}), DataType::UInt16, {1, 3}),
            "expected 3 elements in uint_contents for shape [1,3], found 2");
  EXPECT_EQ(error_of("", DataType::UInt16, {1}), "expected 1 elements in uint_contents for shape [1], found 0");
  EXPECT_EQ(error_of("", DataType::UInt16, {INT64_MAX, INT64_MAX}),
            "expected more than 2^63 elements in uint_contents for shape [9223372036854775807,9223372036854775807], "
            "found 0");
  EXPECT_EQ(error_of("", DataType::UInt16, {0, 5}), "none");
}

TEST_F(TypedContents, an_integer_beyond_its_type_is_refused_with_its_place) {
  EXPECT_EQ(error_of(packed(2, {1, 128}), DataType::Int8, {2}),
            "element 1 of int_contents: expected a INT8, found 128");
  EXPECT_EQ(error_of(packed(4, {65536}), DataType::UInt16, {1}),
            "element 0 of uint_contents: expected a UINT16, found 65536");
}

TEST_F(TypedContents, what_is_malformed_is_refused) {
  EXPECT_NE(error_of("\x12\x01\xff"sv, DataType::Int32, {0}).find("cut off"), std::string::npos);
  EXPECT_NE(error_of("\x32\x03\x01\x02\x03"sv, DataType::FP32, {1}).find("multiple of 4"), std::string::npos);
  EXPECT_NE(error_of("\x35\x01"sv, DataType::FP32, {1}).find("cut off"), std::string::npos);
  EXPECT_NE(error_of("\x30\x01"sv, DataType::FP32, {1}).find("wire type"), std::string::npos);
}

}  // namespace
}  // namespace slipway::codec
