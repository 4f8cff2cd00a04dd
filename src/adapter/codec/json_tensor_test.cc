#include "adapter/codec/json_tensor.h"

#include <gtest/gtest.h>

#include <random>

namespace slipway::codec {
namespace {

using tensor::DataType;
using tensor::Shape;

// Reads `text` as the elements of a tensor and prints them again; errors as their message.
std::string round_trip(DataType type, const Shape& shape, std::string_view text) {
  Arena arena;
  JsonReader reader(text, arena);
  const auto data = read_json_elements(reader, {"t", type, shape, {}}, arena);
  if (!data || !reader.finish()) return reader.error().message;
  const tensor::TensorView view{"t", type, shape, *data};
  EXPECT_TRUE(check_data_length(view));
  std::string out;
  append_json_elements(out, view);
  return out;
}

TEST(JsonTensor, every_datatype_is_read_and_printed) {
  struct Row {
    DataType type;
    std::string_view text, printed;
  };
  for (const Row& row : std::initializer_list<Row>{
           {DataType::Bool, "[true, false]", "[true,false]"},
           {DataType::UInt8, "[0,255]", "[0,255]"},
           {DataType::UInt16, "[0,65535]", "[0,65535]"},
           {DataType::UInt32, "[0,4294967295]", "[0,4294967295]"},
           {DataType::UInt64, "[0,18446744073709551615]", "[0,18446744073709551615]"},
           {DataType::Int8, "[-128,127]", "[-128,127]"},
           {DataType::Int16, "[-32768,32767]", "[-32768,32767]"},
           {DataType::Int32, "[-2147483648,2147483647]", "[-2147483648,2147483647]"},
           {DataType::Int64, "[-9223372036854775808,9007199254740993]", "[-9223372036854775808,9007199254740993]"},
           {DataType::FP16, "[0.333, 65504]", "[0.3330078,65504.0]"},
           {DataType::BF16, "[1, 3.14159]", "[1.0,3.140625]"},
           {DataType::FP32, "[0.1, NaN]", "[0.1,NaN]"},
           {DataType::FP64, "[0.1, -Infinity]", "[0.1,-Infinity]"},
           {DataType::Bytes, R"(["a\u0000b", "\u00e4\n"])", "[\"a\\u0000b\",\"\xC3\xA4\\n\"]"},
       }) {
    EXPECT_EQ(round_trip(row.type, {2}, row.text), row.printed) << name_of(row.type);
  }
}

TEST(JsonTensor, data_may_be_nested_as_the_shape_says) {
  EXPECT_EQ(round_trip(DataType::Int32, {2, 3}, "[[1,2,3],[4,5,6]]"), "[1,2,3,4,5,6]");
  EXPECT_EQ(round_trip(DataType::Int32, {1, 2, 2}, "[[[1,2],[3,4]]]"), "[1,2,3,4]");
  EXPECT_EQ(round_trip(DataType::Bytes, {2, 1}, R"([["a"],["b"]])"), R"(["a","b"])");
  EXPECT_EQ(round_trip(DataType::Int32, {2, 0}, "[[],[]]"), "[]");
  EXPECT_EQ(round_trip(DataType::Int32, {2, 0}, "[]"), "[]");
  EXPECT_EQ(round_trip(DataType::FP32, {}, "[1]"), "[1.0]");
}

TEST(JsonTensor, numbers_of_every_form_may_follow_each_other) {
  constexpr std::string_view kText = "[1, 2.5 ,\n\t-3e2,NaN , -0.25,123456789.125,7,-Infinity,0.1 ,1E-2,8]";
  constexpr std::string_view kPrinted = "[1.0,2.5,-300.0,NaN,-0.25,123456792.0,7.0,-Infinity,0.1,0.01,8.0]";
  EXPECT_EQ(round_trip(DataType::FP32, {11}, kText), kPrinted);
  EXPECT_EQ(round_trip(DataType::FP32, {1, 11}, "[" + std::string(kText) + "]"), kPrinted);
  EXPECT_EQ(round_trip(DataType::FP32, {2, 3}, "[[1,2,3], [4,5,6]]"), "[1.0,2.0,3.0,4.0,5.0,6.0]");
}

TEST(JsonTensor, tells_expected_found_and_where) {
  struct Row {
    DataType type;
    Shape shape;
    std::string_view text, error;
  };
  for (const Row& row : std::initializer_list<Row>{
           {DataType::FP32, {1, 3}, "[1,2]", "expected 3 elements for shape [1,3], found 2 at $, byte 0"},
           {DataType::FP32, {1, 3}, "[1,2,3,4,5]", "expected 3 elements for shape [1,3], found 5 at $, byte 0"},
           {DataType::FP32,
            {2, 2},
            "[[1,2],[3]]",
            "expected 2 elements along dimension 1 of shape [2,2], found 1 at $[1], byte 7"},
           {DataType::FP32,
            {1, 2},
            "[[1,2],[3]]",
            "expected 1 elements along dimension 0 of shape [1,2], found 2 at $, byte 0"},
           {DataType::FP32, {2}, "[[1,2]]", "expected a number, found an array at $[0], byte 1"},
           {DataType::FP32, {2}, "[1,null]", "expected a number, found null at $[1], byte 3"},
           {DataType::FP32, {2}, "[1,true]", "expected a number, found a boolean at $[1], byte 3"},
           {DataType::FP32, {4}, "[1,2,3,]", "expected a number, found ']' at $[3], byte 7"},
           {DataType::FP32, {4}, "[1,2,03,4]", "expected a number as JSON writes it at $[2], byte 5"},
           {DataType::FP32, {4}, "[1,2,3,null]", "expected a number, found null at $[3], byte 7"},
           {DataType::FP32, {4}, "[1, 2, 3 4]", "expected ',' or ']' at $[2], byte 9"},
           {DataType::FP32, {1}, "3.5", "expected an array, found the number 3.5 at $, byte 0"},
           {DataType::FP32,
            {1},
            "[1e400]",
            "expected a number within FP64's range for FP32, found 1e400 at $[0], byte 1"},
           {DataType::UInt8, {1}, "[300]", "expected a number from 0 to 255 for UINT8, found 300 at $[0], byte 1"},
           {DataType::Int8, {1}, "[-129]", "expected a number from -128 to 127 for INT8, found -129 at $[0], byte 1"},
           {DataType::Int32,
            {1},
            "[1.5]",
            "expected a whole number without point and exponent for INT32, found 1.5 at $[0], byte 1"},
           {DataType::Int64,
            {1},
            "[NaN]",
            "expected a whole number without point and exponent for INT64, found NaN at $[0], byte 1"},
           {DataType::Bool, {1}, "[1]", "expected true or false, found the number 1 at $[0], byte 1"},
           {DataType::Bytes, {1}, "[1]", "expected a string, found the number 1 at $[0], byte 1"},
       }) {
    EXPECT_EQ(round_trip(row.type, row.shape, row.text), row.error);
  }
}

TEST(JsonTensor, a_shape_asks_for_no_memory_the_text_cannot_fill) {
  Arena arena;
  JsonReader reader("[1,2,3]", arena);
  EXPECT_FALSE(read_json_elements(reader, {"t", DataType::FP64, {1'000'000'000'000, 30}, {}}, arena));
  EXPECT_EQ(arena.held().count, 0U);
}

TEST(JsonTensor, shapes_are_checked_before_anything_is_done_with_them) {
  const auto refusal = [](std::string_view text) {
    Arena arena;
    JsonReader reader(text, arena);
    return read_json_shape(reader) ? std::string() : reader.error().message;
  };
  EXPECT_EQ(refusal("[1, 30]"), "");
  EXPECT_EQ(refusal("[]"), "");
  EXPECT_NE(refusal("[-1]").find("found -1 at $[0], byte 1"), std::string::npos);
  EXPECT_NE(refusal("[1.5]"), "");
  EXPECT_NE(refusal("[\"1\"]"), "");
  EXPECT_NE(refusal("[9223372036854775807,30]").find("less than 2^63 elements"), std::string::npos);
  EXPECT_NE(refusal("[18446744073709551616]"), "");
  EXPECT_NE(refusal("[1,1,1,1,1,1,1,1,1]").find("at most 8 dimensions"), std::string::npos);
  EXPECT_NE(refusal("30"), "");
}

TEST(JsonTensor, what_is_printed_reads_back_bit_for_bit) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int type = 1; type <= 14; ++type) {
    const auto datatype = static_cast<DataType>(type);
    if (datatype == DataType::Bytes) continue;
    std::vector<std::byte> data(100 * element_size(datatype));
    for (std::byte& byte : data) byte = static_cast<std::byte>(datatype == DataType::Bool ? random() % 2 : random());
    const tensor::TensorView view{"t", datatype, {4, 25}, data};
    std::string text;
    append_json_elements(text, view);
    std::string again = round_trip(datatype, {4, 25}, text);
    EXPECT_EQ(again, text) << name_of(datatype);
  }
}

}  // namespace
}  // namespace slipway::codec
