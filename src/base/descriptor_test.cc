#include "base/descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

int opened() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}
bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) != -1;
}

TEST(Descriptor, closes_what_it_owns) {
  const int fd = opened();
  {
    const Descriptor descriptor(fd);
    EXPECT_TRUE(descriptor);
    EXPECT_EQ(descriptor.fd(), fd);
  }
  EXPECT_FALSE(is_open(fd));
}

TEST(Descriptor, owns_nothing_once_moved_from_released_or_closed) {
  Descriptor first(opened());
  Descriptor second(std::move(first));
  EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): what it is then is what this shows
  const int fd = second.release();
  EXPECT_FALSE(second);
  EXPECT_TRUE(is_open(fd));
  Descriptor third(fd);
  third.close();
  EXPECT_FALSE(third);
  EXPECT_FALSE(is_open(fd));
}

TEST(Descriptor, closes_what_an_assignment_replaces) {
  const int replaced = opened();
  const int kept = opened();
  Descriptor descriptor(replaced);
  descriptor = Descriptor(kept);
  EXPECT_FALSE(is_open(replaced));
  EXPECT_TRUE(is_open(kept));
}

}  // namespace
}  // namespace slipway
