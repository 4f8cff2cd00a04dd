// The ends of a handover and what a service manager hears, over real sockets.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>

#include "adapter/supervision/handover_channel.h"
#include "adapter/supervision/passed_sockets.h"
#include "adapter/supervision/service_notice.h"
#include "adapter/supervision/successor.h"

namespace slipway::supervision {
namespace {

using ::testing::HasSubstr;

constexpr Duration kPatience = std::chrono::seconds(30);

class Handover : public ::testing::Test {
 protected:
  Handover() {
    auto ends = HandoverChannel::pair().value();
    far_end = ends.second.fd();
    here.emplace(std::move(ends.first), clock);
    there.emplace(std::move(ends.second), clock);
  }

  SystemClock clock;
  int far_end = -1;
  std::optional<HandoverChannel> here, there;
};

TEST_F(Handover, gives_descriptors_of_the_same_files_with_their_text) {
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);
  const Descriptor out(pipe_ends[0]), in(pipe_ends[1]);
  const std::array given = {in.fd()};
  ASSERT_TRUE(here->send("take this", given).ok());
  const auto got = there->receive({kPatience});
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_EQ(got->text, "take this");
  ASSERT_EQ(got->descriptors.size(), 1U);
  ASSERT_EQ(write(got->descriptors[0].fd(), "x", 1), 1);
  char read_back = 0;
  EXPECT_EQ(read(out.fd(), &read_back, 1), 1);
  EXPECT_EQ(read_back, 'x');
}

TEST_F(Handover, an_other_end_that_went_away_is_told) {
  there.reset();
  const auto got = here->receive({kPatience});
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().code, ErrorCode::Cancelled);
  EXPECT_FALSE(here->is_open());
}

TEST_F(Handover, is_given_up_when_told_so) {
  const auto got = here->receive({kPatience, [] { return true; }});
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().code, ErrorCode::Cancelled);
}

TEST_F(Handover, an_end_that_says_nothing_is_waited_for_so_long) {
  const auto got = here->receive({Duration{1}});
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().code, ErrorCode::DeadlineExceeded);
}

TEST_F(Handover, what_is_no_message_is_refused) {
  const std::string noise(64, 'n');
  ASSERT_EQ(::send(far_end, noise.data(), noise.size(), 0), 64);
  const auto got = here->receive({kPatience});
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().code, ErrorCode::Corrupt);
}

TEST_F(Handover, a_process_that_leaves_early_is_told_with_its_code) {
  auto successor = Successor::start({"sh", "-c", "exit 7"}, clock);
  ASSERT_TRUE(successor.ok()) << successor.error().message;
  EXPECT_EQ(successor->channel().receive({kPatience}).error().code, ErrorCode::Cancelled);
  EXPECT_EQ(successor->ending(), "it left with code 7");
}

TEST_F(Handover, a_command_that_is_not_there_is_told) {
  const auto successor = Successor::start({"/nowhere/slipway"}, clock);
  ASSERT_FALSE(successor.ok());
  EXPECT_THAT(successor.error().message, HasSubstr("/nowhere/slipway"));
}

TEST(PassedSockets, meant_for_another_process_are_left_alone) {
  setenv("LISTEN_PID", "1", 1);
  setenv("LISTEN_FDS", "1", 1);
  const auto passed = take_passed_sockets();
  ASSERT_TRUE(passed.ok()) << passed.error().message;
  EXPECT_TRUE(passed->empty());
  EXPECT_EQ(getenv("LISTEN_FDS"), nullptr) << "no child shall find it";
}

TEST(PassedSockets, of_a_number_that_is_none_are_refused) {
  setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
  setenv("LISTEN_FDS", "two", 1);
  const auto passed = take_passed_sockets();
  ASSERT_FALSE(passed.ok());
  EXPECT_THAT(passed.error().message, HasSubstr("LISTEN_FDS: expected a number from 0 to 64, found \"two\""));
}

TEST(ServiceNotices, go_to_the_address_of_the_service_manager) {
  const Descriptor ear(::socket(AF_UNIX, SOCK_DGRAM, 0));
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  socklen_t size = offsetof(sockaddr_un, sun_path);
  ASSERT_EQ(::bind(ear.fd(), reinterpret_cast<const sockaddr*>(&name), size), 0);  // the kernel chooses
  size = sizeof name;
  ASSERT_EQ(::getsockname(ear.fd(), reinterpret_cast<sockaddr*>(&name), &size), 0);
  const ServiceNotice notice("@" + std::string(name.sun_path + 1, size - offsetof(sockaddr_un, sun_path) - 1));
  notice.handed_over(42);
  std::array<char, 100> heard{};
  ASSERT_GT(::recv(ear.fd(), heard.data(), heard.size(), 0), 0);
  EXPECT_STREQ(heard.data(), "MAINPID=42\nREADY=1\nSTATUS=");
}

TEST(ServiceNotices, are_said_to_nobody_without_one) {
  ServiceNotice("").ready();
  ServiceNotice(std::string(200, 'x')).ready();
}

}  // namespace
}  // namespace slipway::supervision
