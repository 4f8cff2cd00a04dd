#include "domain/model/stage.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace slipway::model {
namespace {

constexpr Stage kStages[] = {Stage::Registered, Stage::Validated, Stage::Rejected, Stage::Retired};

std::string titled(Stage stage) {
  std::string name(name_of(stage));
  name[0] = static_cast<char>(name[0] - 'a' + 'A');
  return name;
}

// The table of stage.h, printed from the code.
std::string printed_table() {
  std::string table = "//   from \\ to    Validated  Rejected  Retired\n";
  for (const Stage from : kStages) {
    std::string line = "//   " + titled(from);
    line.resize(18, ' ');
    const std::size_t columns[] = {18, 29, 39};
    for (std::size_t i = 0; i < 3; ++i) {
      line.resize(columns[i], ' ');
      line += may_move(from, kStages[i + 1]) ? "yes" : "-";
    }
    table += line + "\n";
  }
  return table;
}

// The header in the source tree, which lies above the folder this test was built in.
std::filesystem::path header_path() {
  const std::filesystem::path header = "src/domain/model/stage.h";
  std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  while (folder.has_relative_path() && !std::filesystem::exists(folder / header)) folder = folder.parent_path();
  return folder / header;
}

TEST(Stage, the_table_in_the_header_is_the_codes) {
  const std::filesystem::path header = header_path();
  std::ifstream file(header);
  ASSERT_TRUE(file) << header;
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  EXPECT_NE(text.find(printed_table()), std::string::npos) << printed_table();
}

TEST(Stage, nothing_moves_back_to_registered_and_retired_is_the_end) {
  for (const Stage from : kStages) {
    EXPECT_FALSE(may_move(from, Stage::Registered));
    EXPECT_FALSE(may_move(Stage::Retired, from));
  }
}

TEST(Stage, names_lead_back) {
  for (const Stage stage : kStages) EXPECT_EQ(parse_stage(name_of(stage)), stage);
  EXPECT_EQ(parse_stage("Registered"), std::nullopt);
  EXPECT_EQ(parse_stage(""), std::nullopt);
}

}  // namespace
}  // namespace slipway::model
