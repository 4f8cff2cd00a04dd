// The data directory: private, locked against a second server, clear about what is wrong.
#include "adapter/data_directory/data_directory.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "scratch_folder.h"

namespace slipway::contract {
namespace {

using data_directory::DataDirectory;
using ::testing::HasSubstr;

constexpr uid_t kNobody = 65534;

unsigned mode_of(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}
std::string content_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}
std::string refusal(const std::string& path) {
  const auto directory = DataDirectory::open(path);
  return directory.ok() ? "opened" : std::string(name_of(directory.error().code)) + ": " + directory.error().message;
}

class Directory : public ::testing::Test {
 protected:
  testing_ground::ScratchFolder folder;
  const std::string path = folder / "deep/data";
};

TEST_F(Directory, is_created_with_its_parents_and_private) {
  const auto directory = DataDirectory::open(path);
  ASSERT_TRUE(directory.ok()) << directory.error().message;
  EXPECT_EQ(mode_of(path), 0700U);
  EXPECT_EQ(directory->database(), path + "/registry.db");
}

TEST_F(Directory, that_others_could_read_is_made_private) {
  ASSERT_EQ(::mkdir((folder / "open").c_str(), 0755), 0);
  ASSERT_TRUE(DataDirectory::open(folder / "open").ok());
  EXPECT_EQ(mode_of(folder / "open"), 0700U);
}

TEST_F(Directory, in_use_is_refused_and_names_the_process_that_holds_it) {
  const auto held = DataDirectory::open(path);
  ASSERT_TRUE(held.ok());
  EXPECT_THAT(refusal(path), HasSubstr("Conflict"));
  EXPECT_THAT(refusal(path), HasSubstr("in use by another server (process " + std::to_string(::getpid()) + ")"));
}

TEST_F(Directory, is_free_again_when_its_holder_ends_however_it_ends) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto held = DataDirectory::open(path);
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(refusal(path), "opened");
  EXPECT_EQ(refusal(path), "opened");
}

TEST_F(Directory, locked_by_something_that_wrote_no_number_is_refused_all_the_same) {
  static_cast<void>(DataDirectory::open(path));
  const int lock = ::open((path + "/lock").c_str(), O_RDWR | O_TRUNC | O_CLOEXEC);
  ASSERT_EQ(::flock(lock, LOCK_EX), 0);
  EXPECT_THAT(refusal(path), HasSubstr("a process that did not write its number"));
  ::close(lock);
}

TEST_F(Directory, that_cannot_be_written_is_named_with_the_reason) {
  ASSERT_EQ(::mkdir((folder / "sealed").c_str(), 0500), 0);
  const std::string sealed = folder / "sealed";
  // Root may write anywhere; as somebody else the folder must be theirs.
  if (::geteuid() == 0) {
    ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
    ASSERT_EQ(::seteuid(kNobody), 0);
  }
  const std::string found = refusal(sealed + "/data");
  if (::getuid() == 0) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  EXPECT_THAT(found, HasSubstr("Unavailable"));
  EXPECT_THAT(found, HasSubstr(sealed + "/data: Permission denied"));
  EXPECT_THAT(found, HasSubstr("must be writable by the user that runs the server"));
}

TEST_F(Directory, that_is_a_file_is_refused) {
  std::ofstream(folder / "file") << "x";
  EXPECT_THAT(refusal(folder / "file"), HasSubstr("file: Not a directory"));
  EXPECT_THAT(refusal(""), HasSubstr("InvalidInput"));
}

TEST_F(Directory, keeps_a_secret_for_its_owner_alone_and_replaces_it_in_one_step) {
  auto directory = DataDirectory::open(path);
  ASSERT_TRUE(directory.ok());
  ASSERT_TRUE(directory->write_secret("admin.token", "slw_first\n").ok());
  ASSERT_TRUE(directory->write_secret("admin.token", "slw_second\n").ok());
  EXPECT_EQ(content_of(directory->admin_token()), "slw_second\n");
  EXPECT_EQ(mode_of(directory->admin_token()), 0600U);
  EXPECT_EQ(mode_of(directory->admin_token() + ".new"), 0U);
}

TEST_F(Directory, writes_a_secret_also_where_a_killed_process_left_half_of_one) {
  auto directory = DataDirectory::open(path);
  ASSERT_TRUE(directory.ok());
  std::ofstream(path + "/admin.token.new") << "half";
  ASSERT_TRUE(directory->write_secret("admin.token", "whole").ok());
  EXPECT_EQ(content_of(path + "/admin.token"), "whole");
}

}  // namespace
}  // namespace slipway::contract
