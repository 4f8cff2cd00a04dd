#include "domain/tensor/data_type.h"

#include <gtest/gtest.h>

namespace slipway::tensor {
namespace {

struct Row {
  DataType type;
  const char* name;
  std::size_t size;
};
constexpr Row kRows[] = {
    {DataType::Bool, "BOOL", 1},     {DataType::UInt8, "UINT8", 1},   {DataType::UInt16, "UINT16", 2},
    {DataType::UInt32, "UINT32", 4}, {DataType::UInt64, "UINT64", 8}, {DataType::Int8, "INT8", 1},
    {DataType::Int16, "INT16", 2},   {DataType::Int32, "INT32", 4},   {DataType::Int64, "INT64", 8},
    {DataType::FP16, "FP16", 2},     {DataType::FP32, "FP32", 4},     {DataType::FP64, "FP64", 8},
    {DataType::Bytes, "BYTES", 0},   {DataType::BF16, "BF16", 2},
};

TEST(DataType, has_the_protocols_name_and_its_size) {
  for (const Row& row : kRows) {
    EXPECT_EQ(name_of(row.type), row.name);
    EXPECT_EQ(parse_data_type(row.name), row.type);
    EXPECT_EQ(element_size(row.type), row.size) << row.name;
  }
}

TEST(DataType, names_are_exact) {
  for (const char* text : {"", "fp32", "FP32 ", "FLOAT", "STRING", "FP8"}) {
    EXPECT_EQ(parse_data_type(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace slipway::tensor
