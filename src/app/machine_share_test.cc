#include "app/machine_share.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/sysinfo.h>

#include <thread>

namespace slipway::app {
namespace {

TEST(MachineShare, a_quota_is_cores_rounded_up) {
  EXPECT_EQ(cores_of_quota("100000 100000\n"), 1U);
  EXPECT_EQ(cores_of_quota("150000 100000\n"), 2U);
  EXPECT_EQ(cores_of_quota("5000 100000"), 1U);
  EXPECT_EQ(cores_of_quota("6400000 100000"), 64U);
}

TEST(MachineShare, what_is_no_quota_limits_nothing) {
  for (const char* text : {"max 100000\n", "", "-1 100000", "100000", "100000 ", "0 100000", "100000 0", "many few"}) {
    EXPECT_EQ(cores_of_quota(text), std::nullopt) << text;
  }
}

TEST(MachineShare, a_process_that_is_pinned_to_one_core_has_one) {
  std::uint32_t found = 0;
  std::thread pinned([&] {
    cpu_set_t all, one;
    sched_getaffinity(0, sizeof all, &all);
    CPU_ZERO(&one);
    for (int core = 0; core < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++core) {
      if (CPU_ISSET(core, &all)) CPU_SET(core, &one);
    }
    sched_setaffinity(0, sizeof one, &one);
    found = available_cores();
  });
  pinned.join();
  EXPECT_EQ(found, 1U);
}

TEST(MachineShare, a_limit_of_memory_is_bytes) {
  EXPECT_EQ(bytes_of_limit("2147483648\n"), 2'147'483'648U);
  EXPECT_EQ(bytes_of_limit("4096"), 4096U);
  for (const char* text : {"max\n", "", "-1\n", "2 GiB\n", "99999999999999999999999\n"}) {
    EXPECT_EQ(bytes_of_limit(text), std::nullopt) << text;
  }
}

TEST(MachineShare, never_exceeds_the_machine) {
  struct sysinfo machine{};
  ASSERT_EQ(sysinfo(&machine), 0);
  EXPECT_LE(available_memory().count, static_cast<std::uint64_t>(machine.totalram) * machine.mem_unit);
  EXPECT_GT(available_memory().count, 0U);
}

}  // namespace
}  // namespace slipway::app
