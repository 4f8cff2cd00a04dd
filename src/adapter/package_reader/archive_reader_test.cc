#include <gtest/gtest.h>

#include "adapter/package_reader/test_archives.h"
#include "adapter/package_reader/test_onnx.h"
#include "adapter/package_reader/test_upload.h"

namespace slipway::package_reader {
namespace {

using namespace std::string_literals;
using test::Tar;
using test::Zip;

const std::string& model() {
  static const std::string bytes = test::onnx_model(test::graph()).bytes();
  return bytes;
}
Tar good_tar() {
  return Tar().file("model.onnx", model());
}
Zip good_zip() {
  return Zip().file("model.onnx", model());
}

// "accepted: path path", or the message.
std::string outcome(std::string_view bytes, const ports::PackageLimits& limits = {}) {
  const auto opened = test::Upload(limits).open(bytes);
  if (!opened.ok()) return opened.error().message;
  std::string paths = "accepted:";
  for (const model::PackageFile& file : opened->files) paths += " " + file.path;
  return paths;
}

void expect_refused(std::string_view bytes, std::string_view reason, const ports::PackageLimits& limits = {}) {
  const std::string found = outcome(bytes, limits);
  EXPECT_NE(found.find(reason), std::string::npos) << found;
  EXPECT_FALSE(found.starts_with("accepted")) << reason;
}

TEST(Archive, the_four_kinds_are_told_apart_by_content) {
  const std::string expected = "accepted: model.onnx slipway.yaml";
  EXPECT_EQ(outcome(good_tar().bytes()), expected);
  EXPECT_EQ(outcome(test::gzip(good_tar().bytes())), expected);
  EXPECT_EQ(outcome(test::zstd(good_tar().bytes())), expected);
  EXPECT_EQ(outcome(good_zip().bytes()), expected);
  EXPECT_EQ(outcome(model()), expected);
}

TEST(Archive, a_folder_around_everything_is_stripped) {
  EXPECT_EQ(outcome(Tar().entry("wine/", "", '5', "").file("wine/model.onnx", model()).file("wine/a/b", "c").bytes()),
            "accepted: a/b model.onnx slipway.yaml");
  EXPECT_EQ(outcome(Zip().file("wine/model.onnx", model()).bytes()), "accepted: model.onnx slipway.yaml");
  EXPECT_EQ(outcome(Tar().entry("./", "", '5', "").file("./model.onnx", model()).bytes()),
            "accepted: model.onnx slipway.yaml");
  EXPECT_EQ(outcome(Tar().file("a/model.onnx", model()).file("b", "c").bytes()),
            "accepted: a/model.onnx b slipway.yaml");
}

TEST(Archive, names_of_any_language_are_kept) {
  EXPECT_EQ(outcome(good_tar().pax_path("größe/模型.txt").file("x", "1").bytes()),
            "accepted: größe/模型.txt model.onnx slipway.yaml");
  EXPECT_EQ(outcome(good_tar().file("größe.txt", "1").bytes()), "accepted: größe.txt model.onnx slipway.yaml");
  EXPECT_EQ(outcome(good_zip().entry("größe.txt", "1", {.flags = 0x800}).bytes()),
            "accepted: größe.txt model.onnx slipway.yaml");
}

struct BadPath {
  std::string path;
  std::string reason;
};

const std::vector<BadPath>& bad_paths() {
  static const std::vector<BadPath> all = {
      {"../escape", "has a part \"..\""},
      {"a/../../escape", "has a part \"..\""},
      {"a/..", "has a part \"..\""},
      {"/etc/passwd", "is absolute"},
      {"//host/share", "is absolute"},
      {"C:/windows", "drive letter"},
      {"a\\b", "backslash"},
      {"..\\escape", "backslash"},
      {"a//b", "empty part"},
      {"a/./b", "has a part \".\""},
      {"a\nb", "control characters"},
      {std::string(256, 'n'), "has a part of 256 bytes"},
      {std::string(200, 'n') + "/" + std::string(200, 'n') + "/" + std::string(200, 'n') + "/" + std::string(200, 'n') +
           "/" + std::string(200, 'n') + "/" + std::string(50, 'n'),
       "expected at most 1024"},
      {"Model.onnx", "differs only by case"},
      {"model.onnx", "it is there twice"},
      {"model.onnx/x", "it lies in the file"},
  };
  return all;
}

TEST(Archive, bad_paths_are_refused_in_a_tar) {
  for (const auto& [path, reason] : bad_paths()) {
    expect_refused(good_tar().pax_path(path).file("x", "1").bytes(), reason);
    if (path.size() < 100) expect_refused(good_tar().file(path, "1").bytes(), reason);
  }
}

TEST(Archive, bad_paths_are_refused_in_a_zip) {
  for (const auto& [path, reason] : bad_paths()) expect_refused(good_zip().file(path, "1").bytes(), reason);
}

TEST(Archive, names_that_are_not_utf8_or_have_a_nul_are_refused) {
  expect_refused(good_tar().file("a\xff\xfe", "1").bytes(), "");
  expect_refused(good_tar().pax_path("a\xc0\xaf").file("x", "1").bytes(), "");
  expect_refused(good_zip().file("a\xff", "1").bytes(), "");
  expect_refused(good_zip().entry("a\xc0\xaf", "1", {.flags = 0x800}).bytes(), "");
  expect_refused(good_zip().file("a\0b"s, "1").bytes(), "");
}

TEST(Archive, a_nul_within_a_name_of_a_tar_is_refused_wherever_the_name_stands) {
  expect_refused(good_tar().pax_path("a\0/../b"s).file("x", "1").bytes(), "has a NUL");
  expect_refused(good_tar().file("a\0b"s, "1").bytes(), "has a NUL");
  expect_refused(good_tar().entry("././@LongLink", "a\0b"s, 'L').file("x", "1").bytes(), "has a NUL");
  expect_refused(good_tar().file("big", std::string(1 << 20, 'x')).file("a\0b"s, "1").bytes(), "has a NUL");
  expect_refused(test::gzip(good_tar().file("a\0b"s, "1").bytes()), "has a NUL");
}

TEST(Archive, a_nul_within_a_name_is_found_behind_a_size_in_binary) {
  const std::string before = good_tar().unfinished();
  std::string tar = good_tar().pax_path(std::string(120, 'x') + "\0b"s).file("x", "1").bytes();
  const auto header = tar.begin() + static_cast<std::ptrdiff_t>(before.size());
  const auto size = std::stoul(std::string(header + 124, header + 135), nullptr, 8);
  std::fill(header + 124, header + 136, '\0');
  header[124] = '\x80';
  header[135] = static_cast<char>(size);
  std::fill(header + 148, header + 156, ' ');
  unsigned sum = 0;
  for (auto at = header; at != header + 512; ++at) sum += static_cast<unsigned char>(*at);
  std::snprintf(&header[148], 8, "%06o", sum);
  expect_refused(tar, "has a NUL");
}

TEST(Archive, a_nul_that_is_no_part_of_a_name_is_none_of_our_business) {
  EXPECT_EQ(outcome(good_tar().pax("SCHILY.xattr.user.x", "\0\1"s).file("x", "1").bytes()),
            "accepted: model.onnx slipway.yaml x");
  EXPECT_EQ(outcome(good_tar().entry("././@LongLink", "long\0"s, 'L').file("x", "1").bytes()),
            "accepted: long model.onnx slipway.yaml");
}

TEST(Archive, a_dot_and_slash_in_front_of_a_path_is_dropped_once) {
  EXPECT_EQ(outcome(Tar().entry("./", "", '5').file("./model.onnx", model()).file("./a/b", "1").bytes()),
            "accepted: a/b model.onnx slipway.yaml");
  EXPECT_EQ(outcome(Zip().file("./model.onnx", model()).bytes()), "accepted: model.onnx slipway.yaml");
  for (const std::string path : {"././b", "a/./b", "./../b", ".//b"}) {
    expect_refused(good_tar().file(path, "1").bytes(), "the path");
  }
}

TEST(Archive, names_that_differ_only_by_case_are_refused_beyond_ascii) {
  expect_refused(good_tar().file("größe", "1").file("GRÖßE", "2").bytes(), "differs only by case");
  expect_refused(good_tar().file("a/x", "1").file("A/y", "2").bytes(), "its folder differs only by case");
}

TEST(Archive, what_is_no_file_or_folder_is_refused) {
  const std::pair<char, std::string> kinds[] = {
      {'1', "a link"}, {'2', "a link"}, {'3', "special file"}, {'4', "special file"}, {'6', "special file"}};
  for (const auto& [type, reason] : kinds)
    expect_refused(good_tar().entry("x", "", type, "/etc/passwd").bytes(), reason);
  expect_refused(good_zip().entry("x", "/etc/passwd", {.mode = 0120777}).bytes(), "a link");
  expect_refused(good_zip().entry("x", "", {.mode = 0020666}).bytes(), "special file");
  expect_refused(good_tar().pax("linkpath", "/etc/passwd").entry("x", "", '2', "y").bytes(), "a link");
}

TEST(Archive, a_link_to_write_through_is_refused) {
  expect_refused(good_tar().entry("d", "", '2', "/tmp").file("d/x", "1").bytes(), "a link");
  expect_refused(good_tar().file("d", "1").file("d/x", "1").bytes(), "it lies in the file");
  expect_refused(good_tar().entry("d", "", '5', "").file("d", "1").bytes(), "a file and a folder");
}

TEST(Archive, sparse_files_are_refused) {
  const Tar sparse = good_tar().pax("GNU.sparse.major", "0").pax("GNU.sparse.map", "0,1,1048576,1");
  expect_refused(sparse.unfinished() + Tar().pax("GNU.sparse.map", "0,1,1048576,1").file("x", "ab").bytes(), "");
}

TEST(Archive, a_zip64_is_read_as_any_other_zip) {
  EXPECT_EQ(outcome(good_zip().bytes64()), "accepted: model.onnx slipway.yaml");
  expect_refused(good_zip().file("a\0b"s, "1").bytes64(), "has a NUL");
  expect_refused(good_zip().file("../b", "1").bytes64(), "has a part \"..\"");
  expect_refused(good_zip().bytes64() + "x", "other bytes follow");
}

TEST(Archive, a_zip64_whose_ends_do_not_agree_is_refused) {
  const std::string whole = good_zip().bytes64();
  const std::size_t record = whole.size() - 22 - 20 - 56, locator = whole.size() - 22 - 20;
  const std::pair<std::size_t, std::string> changes[] = {
      {record, "is not where"},      {record + 4, "is not where"},   {record + 16, "several volumes"},
      {record + 40, "is not where"}, {record + 48, "is not where"},  {locator + 4, "several volumes"},
      {locator + 8, "is not where"}, {locator + 15, "is not where"}, {locator + 16, "several volumes"}};
  for (const auto& [at, reason] : changes) {
    std::string changed = whole;
    changed[at] ^= 3;
    expect_refused(changed, reason);
  }
  std::string lost = whole;
  lost.erase(record, 56 + 20);
  expect_refused(lost, "zip64");
}

TEST(Archive, encrypted_zips_are_refused) {
  expect_refused(good_zip().entry("x", std::string(32, 'x'), {.flags = 1}).bytes(), "");
}

TEST(Archive, damaged_content_is_refused) {
  expect_refused(good_zip().entry("x", "content", {.crc_change = 1}).bytes(), "damaged");
  std::string gz = test::gzip(good_tar().bytes());
  gz[gz.size() - 6] ^= 1;  // the checksum
  expect_refused(gz, "the gzip data are damaged");
  gz = test::gzip(good_tar().bytes());
  gz[gz.size() - 2] ^= 1;  // the length
  expect_refused(gz, "the gzip data are damaged");
  std::string tar = good_tar().bytes();
  tar[3] ^= 1;
  expect_refused(tar, "");
}

TEST(Archive, archives_cut_off_anywhere_are_refused) {
  const std::string whole[] = {good_tar().file("x", std::string(700, 'x')).bytes(), test::gzip(good_tar().bytes()),
                               test::zstd(good_tar().bytes()), good_zip().bytes()};
  for (const std::string& bytes : whole) {
    const std::size_t step = bytes.size() > 1500 ? 97 : 1;
    for (std::size_t length = 0; length < bytes.size(); length += step) expect_refused(bytes.substr(0, length), "");
    expect_refused(bytes.substr(0, bytes.size() - 1), "");
  }
}

TEST(Archive, a_tar_cut_off_between_its_files_is_refused) {
  expect_refused(good_tar().unfinished(), "cut off");
  expect_refused(good_tar().unfinished() + std::string(512, '\0'), "cut off");
}

TEST(Archive, whatever_follows_the_end_is_refused) {
  expect_refused(good_tar().bytes() + "garbage", "other bytes follow");
  expect_refused(good_tar().bytes() + good_tar().bytes(), "other bytes follow");
  expect_refused(test::gzip(good_tar().bytes()) + "garbage", "bytes follow");
  expect_refused(test::zstd(good_tar().bytes()) + "garbage", "followed by other bytes");
  expect_refused(good_zip().bytes() + "garbage", "other bytes follow");
  expect_refused("garbage" + good_zip().bytes(), "");
  EXPECT_TRUE(outcome(good_tar().bytes() + std::string(8192, '\0')).starts_with("accepted"));
}

TEST(Archive, bombs_are_refused_by_their_ratio_and_by_their_total) {
  const std::string zeros(64 << 20, '\0');
  const std::string bomb = Tar().file("model.onnx", model()).file("zeros", zeros).bytes();
  expect_refused(test::gzip(bomb), "times its size");
  expect_refused(test::zstd(bomb), "times its size");
  expect_refused(bomb, "expected at most 8MiB unpacked", {.total = mebibytes(8), .files = 10, .ratio = 200});
  expect_refused(model(), "expected at most 10B", {.total = {10}, .files = 10, .ratio = 200});
}

TEST(Archive, too_many_files_are_refused) {
  Tar tar = good_tar();
  for (int i = 0; i < 20; ++i) tar.file("file" + std::to_string(i), "1");
  expect_refused(tar.bytes(), "expected at most 20 files", {.total = mebibytes(8), .files = 20, .ratio = 200});
  Tar folders = good_tar();
  for (int i = 0; i < 100; ++i) folders.entry("folder" + std::to_string(i), "", '5', "");
  expect_refused(folders.bytes(), "expected at most 20 files", {.total = mebibytes(8), .files = 20, .ratio = 200});
}

TEST(Archive, sizes_that_are_not_true_are_refused) {
  std::string tar = good_tar().bytes();
  std::memcpy(tar.data() + 124, "77777777777", 11);
  expect_refused(tar, "");
  const std::string huge = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s;
  std::memcpy(tar.data() + 124, huge.data(), 12);
  expect_refused(tar, "");
}

TEST(Archive, a_second_compression_inside_is_not_unpacked) {
  expect_refused(test::gzip(test::gzip(good_tar().bytes())), "");
}

TEST(Archive, empty_uploads_and_empty_archives_are_told) {
  expect_refused("", "found an empty file");
  expect_refused(Tar().bytes(), "");
  expect_refused(test::gzip(Tar().bytes()), "");
  expect_refused(Zip().bytes(), "");
}

}  // namespace
}  // namespace slipway::package_reader
