#include "domain/model/manifest.h"

#include <gtest/gtest.h>

namespace slipway::model {
namespace {

PackageFile file(std::string path, std::uint64_t size, std::string_view content) {
  return {std::move(path), size, sha256(as_bytes(content))};
}

TEST(PackageDigest, is_that_of_the_sorted_lines_of_path_size_and_digest) {
  const std::vector<PackageFile> files = {file("b", 2, "bb"), file("a", 1, "a")};
  std::string lines;
  lines += "a" + std::string(1, '\0') + "1" + std::string(1, '\0') + sha256(as_bytes("a")).hex() + "\n";
  lines += "b" + std::string(1, '\0') + "2" + std::string(1, '\0') + sha256(as_bytes("bb")).hex() + "\n";
  EXPECT_EQ(package_digest(files), sha256(as_bytes(lines)));
}

TEST(PackageDigest, does_not_depend_on_the_order_of_the_files) {
  const std::vector<PackageFile> one = {file("x/y", 1, "1"), file("x", 2, "2"), file("é", 3, "3")};
  const std::vector<PackageFile> other = {one[2], one[0], one[1]};
  EXPECT_EQ(package_digest(one), package_digest(other));
}

TEST(PackageDigest, changes_with_every_part_of_every_file) {
  const Digest original = package_digest(std::vector{file("a", 1, "x")});
  EXPECT_NE(package_digest(std::vector{file("b", 1, "x")}), original);
  EXPECT_NE(package_digest(std::vector{file("a", 2, "x")}), original);
  EXPECT_NE(package_digest(std::vector{file("a", 1, "y")}), original);
  EXPECT_NE(package_digest(std::vector{file("a", 1, "x"), file("b", 0, "")}), original);
}

TEST(PackageDigest, of_nothing_is_that_of_no_bytes) {
  EXPECT_EQ(package_digest({}), sha256({}));
}

}  // namespace
}  // namespace slipway::model
