// docs/formats/database.md names every table and column there is.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "adapter/store_sqlite/schema.h"
#include "scratch_folder.h"

namespace slipway::contract {
namespace {

using store_sqlite::Connection;

// The page in the source tree, which lies above the folder this test was built in.
std::string page() {
  const std::filesystem::path name = "docs/formats/database.md";
  std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  while (folder.has_relative_path() && !std::filesystem::exists(folder / name)) folder = folder.parent_path();
  std::ifstream file(folder / name);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool mentions(const std::string& text, const std::string& word) {
  const auto part_of_a_word = [&](std::size_t at) {
    return at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) != 0 || text[at] == '_');
  };
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    if (!(at > 0 && part_of_a_word(at - 1)) && !part_of_a_word(at + word.size())) return true;
  }
  return false;
}

TEST(DatabasePage, names_every_table_and_column) {
  const std::string text = page();
  ASSERT_FALSE(text.empty());
  const testing_ground::ScratchFolder folder;
  auto connection = Connection::open(folder / "db", Connection::Use::Write).value();
  ASSERT_TRUE(migrate(connection, store_sqlite::migrations()).ok());
  auto rows = connection
                  .prepare(
                      "SELECT t.name, c.name FROM pragma_table_list t, pragma_table_info(t.name) c "
                      "WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite%'")
                  .value();
  int columns = 0;
  for (; rows.step().value(); ++columns) {
    EXPECT_TRUE(mentions(text, std::string(rows.text(0)))) << "table " << rows.text(0);
    EXPECT_TRUE(mentions(text, std::string(rows.text(1)))) << rows.text(0) << "." << rows.text(1);
  }
  EXPECT_GT(columns, 50);
}

}  // namespace
}  // namespace slipway::contract
