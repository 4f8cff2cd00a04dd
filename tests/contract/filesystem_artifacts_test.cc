// What the file system adds to the contract: layout, damage, links, leftovers, and full disks.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "adapter/artifacts_filesystem/artifact_folder.h"
#include "adapter/artifacts_filesystem/filesystem_artifacts.h"
#include "scratch_folder.h"

namespace slipway::contract {
namespace {

namespace fs = std::filesystem;
using artifacts_filesystem::FilesystemArtifacts;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Filesystem : public ::testing::Test {
 protected:
  Digest stored(std::string_view content) {
    auto writer = store->create().value();
    EXPECT_TRUE(writer->write(as_bytes(content)).ok());
    return writer->finish().value();
  }
  std::string path_of(const Digest& digest) const {
    const std::string hex = digest.hex();
    return root + "/" + hex.substr(0, 2) + "/" + hex.substr(2, 2) + "/" + hex;
  }
  std::string refusal(const Digest& digest) {
    const auto content = store->read(digest, mebibytes(1));
    const auto poured = store->pour(digest, mebibytes(1), [](ByteSpan) { return Result<void>(); });
    EXPECT_EQ(poured.ok() ? "" : name_of(poured.error().code), content.ok() ? "" : name_of(content.error().code));
    return content.ok() ? "read" : std::string(name_of(content.error().code)) + ": " + content.error().message;
  }
  std::size_t incoming() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(root + "/incoming"), {}));
  }

  testing_ground::ScratchFolder folder;
  const std::string root = folder / "artifacts";
  std::unique_ptr<FilesystemArtifacts> store = FilesystemArtifacts::open(root).value();
};

TEST_F(Filesystem, an_artifact_is_a_plain_read_only_file_two_folders_deep) {
  const Digest digest = stored("weights");
  struct stat status{};
  ASSERT_EQ(::lstat(path_of(digest).c_str(), &status), 0);
  EXPECT_TRUE(S_ISREG(status.st_mode));
  EXPECT_EQ(status.st_mode & 07777, 0400U);
  EXPECT_EQ(status.st_nlink, 1U);
  EXPECT_EQ(incoming(), 0U);
}

TEST_F(Filesystem, a_flipped_bit_is_detected_at_every_place) {
  const std::string content(300, 'w');
  const Digest digest = stored(content);
  ::chmod(path_of(digest).c_str(), 0600);
  for (const std::size_t place : {0, 1, 150, 299}) {
    std::fstream file(path_of(digest), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(place)).put('w' ^ 1);
    file.flush();
    EXPECT_THAT(refusal(digest), HasSubstr("Corrupt")) << place;
    EXPECT_THAT(refusal(digest), HasSubstr("expected content of SHA-256 " + digest.hex()));
    file.seekp(static_cast<std::streamoff>(place)).put('w');
  }
  EXPECT_EQ(refusal(digest), "read");
}

TEST_F(Filesystem, a_file_cut_short_or_grown_is_detected) {
  const Digest digest = stored("weights");
  ::chmod(path_of(digest).c_str(), 0600);
  fs::resize_file(path_of(digest), 6);
  EXPECT_THAT(refusal(digest), HasSubstr("Corrupt"));
  fs::resize_file(path_of(digest), 8);
  EXPECT_THAT(refusal(digest), HasSubstr("Corrupt"));
}

TEST_F(Filesystem, storing_the_same_content_again_heals_a_damaged_copy) {
  const Digest digest = stored("weights");
  ::chmod(path_of(digest).c_str(), 0600);
  std::ofstream(path_of(digest)) << "wreckage";
  EXPECT_THAT(refusal(digest), HasSubstr("Corrupt"));
  stored("weights");
  EXPECT_EQ(refusal(digest), "read");
}

TEST_F(Filesystem, links_and_odd_files_in_an_artifacts_place_are_not_followed) {
  const Digest digest = stored("weights");
  std::ofstream(folder / "elsewhere") << "weights";
  fs::remove(path_of(digest));
  fs::create_symlink(folder / "elsewhere", path_of(digest));
  EXPECT_THAT(refusal(digest), HasSubstr("Unavailable"));
  EXPECT_FALSE(store->contains(digest).value());
  fs::remove(path_of(digest));
  ASSERT_EQ(::mkfifo(path_of(digest).c_str(), 0600), 0);
  EXPECT_THAT(refusal(digest), HasSubstr("expected a regular file"));
}

TEST_F(Filesystem, what_a_killed_process_left_unfinished_is_removed_at_start) {
  auto writer = store->create().value();
  ASSERT_TRUE(writer->write(as_bytes("half")).ok());
  EXPECT_EQ(incoming(), 1U);
  const auto next_life = FilesystemArtifacts::open(root);
  ASSERT_TRUE(next_life.ok());
  EXPECT_EQ(incoming(), 0U);
  EXPECT_THAT((*next_life)->list().value(), IsEmpty());
}

TEST_F(Filesystem, a_batch_waits_in_incoming_and_leaves_it_empty_however_it_ends) {
  for (const bool commits : {false, true}) {
    {
      const auto batch = store->begin_batch().value();
      for (int i = 0; i < 100; ++i) {
        auto writer = batch->create().value();
        ASSERT_TRUE(writer->write(as_bytes("content " + std::to_string(i))).ok());
        ASSERT_TRUE(writer->finish().ok());
      }
      EXPECT_EQ(incoming(), 100U);
      EXPECT_THAT(store->list().value(), IsEmpty());
      if (commits) {
        ASSERT_TRUE(batch->commit().ok());
      }
    }
    EXPECT_EQ(incoming(), 0U);
    EXPECT_EQ(store->list().value().size(), commits ? 100U : 0U);
  }
}

TEST_F(Filesystem, files_that_are_not_ours_are_neither_listed_nor_touched) {
  const Digest digest = stored("weights");
  const std::string beside = fs::path(path_of(digest)).parent_path().string() + "/notes.txt";
  std::ofstream(beside) << "x";
  std::ofstream(root + "/README") << "x";
  EXPECT_EQ(store->list().value().size(), 1U);
  EXPECT_TRUE(fs::exists(beside));
}

TEST_F(Filesystem, only_what_is_wrong_when_it_is_read_again_is_set_aside) {
  const Digest whole = stored("whole");
  const Digest damaged = stored("damaged");
  const Digest link = stored("link");
  fs::permissions(path_of(damaged), fs::perms::owner_write, fs::perm_options::add);
  std::ofstream(path_of(damaged), std::ios::trunc) << "other content";
  fs::rename(path_of(link), root + "/elsewhere");
  fs::create_symlink(root + "/elsewhere", path_of(link));
  const auto lies = artifacts_filesystem::ArtifactFolder::open(root).value();
  EXPECT_FALSE(lies.set_aside(whole).value());
  EXPECT_TRUE(lies.set_aside(damaged).value());
  EXPECT_EQ(lies.set_aside(link).error().code, ErrorCode::Corrupt);
  EXPECT_TRUE(fs::exists(path_of(whole)));
  EXPECT_TRUE(fs::is_symlink(path_of(link)));
  EXPECT_FALSE(fs::exists(path_of(damaged)));
  EXPECT_TRUE(fs::exists(root + "/damaged/" + damaged.hex()));
}

TEST_F(Filesystem, no_room_left_is_told_as_such_and_leaves_nothing_behind) {
  // A limit on file size stands for a full disk: the write comes back short and then fails.
  const auto ignored = ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{4096, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  {
    auto writer = store->create().value();
    const auto refused = writer->write(as_bytes(std::string(10'000, 'x')));
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::Overloaded);
    EXPECT_THAT(refused.error().message, HasSubstr("no space left"));
    EXPECT_FALSE(writer->finish().ok());
  }
  ::signal(SIGXFSZ, ignored);
  EXPECT_EQ(incoming(), 0U);
  EXPECT_THAT(store->list().value(), IsEmpty());
}

TEST_F(Filesystem, a_place_that_cannot_be_is_named) {
  std::ofstream(folder / "file") << "x";
  const auto refused = FilesystemArtifacts::open(folder / "file/artifacts");
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("file/artifacts: Not a directory"));
}

}  // namespace
}  // namespace slipway::contract
