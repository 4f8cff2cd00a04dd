#include "cli/package_stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "cli/fake_server.h"

namespace slipway::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

void write(const std::string& path, const std::string& text) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::string bytes_of(Package& package, std::size_t piece) {
  std::string all;
  std::vector<char> buffer(piece);
  while (true) {
    const auto size = package.read(buffer);
    EXPECT_TRUE(size.ok()) << size.error().message;
    if (!size.ok() || *size == 0) return all;
    all.append(buffer.data(), *size);
  }
}

std::vector<std::pair<std::string, std::string>> unpacked(const std::string& bytes) {
  std::vector<std::pair<std::string, std::string>> files;
  archive* reader = archive_read_new();
  archive_read_support_filter_zstd(reader);
  archive_read_support_format_tar(reader);
  EXPECT_EQ(archive_read_open_memory(reader, bytes.data(), bytes.size()), ARCHIVE_OK);
  archive_entry* entry = nullptr;
  while (archive_read_next_header(reader, &entry) == ARCHIVE_OK) {
    std::string text(static_cast<std::size_t>(archive_entry_size(entry)), '\0');
    EXPECT_EQ(archive_read_data(reader, text.data(), text.size()), static_cast<la_ssize_t>(text.size()));
    files.emplace_back(archive_entry_pathname(entry), text);
  }
  archive_read_free(reader);
  return files;
}

TEST(PackageStream, a_folder_becomes_an_archive_of_its_files_in_order) {
  TemporaryFolder folder;
  write(folder / "p/slipway.yaml", "name: x\n");
  write(folder / "p/model/b.bin", std::string(700'000, 'b'));
  write(folder / "p/a.onnx", "");
  write(folder / "p/.git/config", "secret");
  auto package = Package::open(folder / "p/");
  ASSERT_TRUE(package.ok()) << package.error().message;
  EXPECT_EQ((*package)->filename(), "p.tar.zst");
  EXPECT_THAT(unpacked(bytes_of(**package, 1000)),
              ElementsAre(std::pair("a.onnx", ""), std::pair("model/b.bin", std::string(700'000, 'b')),
                          std::pair("slipway.yaml", "name: x\n")));
  EXPECT_EQ((*package)->content_read(), (*package)->content_size());
}

TEST(PackageStream, equal_content_gives_equal_bytes_wherever_and_whenever) {
  TemporaryFolder folder;
  write(folder / "one/p/model.onnx", "m");
  write(folder / "two/p/model.onnx", "m");
  fs::last_write_time(folder / "two/p/model.onnx", fs::file_time_type::clock::now() - std::chrono::hours(1000));
  auto one = Package::open(folder / "one/p");
  auto two = Package::open(folder / "two/p");
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_EQ(bytes_of(**one, 64), bytes_of(**two, 100'000));
}

TEST(PackageStream, a_package_is_sent_once_more_from_its_beginning) {
  TemporaryFolder folder;
  write(folder / "p/model.onnx", "m");
  auto package = Package::open(folder / "p");
  ASSERT_TRUE(package.ok());
  const std::string first = bytes_of(**package, 64);
  ASSERT_TRUE((*package)->rewind().ok());
  EXPECT_EQ(bytes_of(**package, 64), first);
}

TEST(PackageStream, links_and_special_files_are_refused_by_name) {
  TemporaryFolder folder;
  write(folder / "p/model.onnx", "m");
  fs::create_symlink("/etc/passwd", folder / "p/more");
  const auto linked = Package::open(folder / "p");
  ASSERT_FALSE(linked.ok());
  EXPECT_THAT(linked.error().message, HasSubstr("found the link"));
  fs::remove(folder / "p/more");
  ASSERT_EQ(::mkfifo((folder / "p/pipe").c_str(), 0600), 0);
  const auto special = Package::open(folder / "p");
  ASSERT_FALSE(special.ok());
  EXPECT_THAT(special.error().message, HasSubstr("found the special file"));
}

TEST(PackageStream, an_empty_folder_and_a_missing_path_are_refused) {
  TemporaryFolder folder;
  fs::create_directories(folder / "p");
  EXPECT_THAT(Package::open(folder / "p").error().message, HasSubstr("found the empty folder"));
  EXPECT_THAT(Package::open(folder / "q").error().message, HasSubstr("No such file"));
}

TEST(PackageStream, a_file_that_shrinks_while_it_is_sent_is_noticed) {
  TemporaryFolder folder;
  write(folder / "m.onnx", std::string(1000, 'm'));
  auto package = Package::open(folder / "m.onnx");
  ASSERT_TRUE(package.ok());
  std::vector<char> piece(500);
  ASSERT_EQ(*(*package)->read(piece), 500u);
  fs::resize_file(folder / "m.onnx", 500);
  const auto rest = (*package)->read(piece);
  ASSERT_FALSE(rest.ok());
  EXPECT_THAT(rest.error().message, HasSubstr("became shorter"));
}

}  // namespace
}  // namespace slipway::cli
