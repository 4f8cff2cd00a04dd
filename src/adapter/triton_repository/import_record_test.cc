#include "adapter/triton_repository/import_record.h"

#include <gtest/gtest.h>

namespace slipway::triton_repository {
namespace {

TEST(ImportRecords, read_back_as_they_were_written) {
  ImportRecords records;
  records["a \"model\""] = {.stamp = sha256(as_bytes("folder")),
                            .reason = "why\nnot",
                            .from_request = true,
                            .deployed = {3, 1},
                            .versions = {{1, {sha256(as_bytes("one")), 1, ""}}, {7, {{}, 0, "no model"}}}};
  records["empty"] = {};
  const auto read = read_records(write_records(records));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, records);
}

TEST(ImportRecords, that_are_none_are_corrupt) {
  for (const std::string_view text : {"", "[]", "{\"layout\": 2, \"models\": []}",
                                      "{\"layout\": 1, \"models\": [{\"stamp\": \"x\"}]}", "{\"layout\": 1"}) {
    const auto read = read_records(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::Corrupt) << text;
  }
}

TEST(ImportRecords, of_no_file_are_none) {
  const auto read = load_records("/nonexistent-folder/imports.json");
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->empty());
}

}  // namespace
}  // namespace slipway::triton_repository
