#include "adapter/probe_process/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "adapter/probe_process/call_tables.h"
#include "adapter/probe_process/system_calls.h"

namespace slipway::probe_process {
namespace {

// Runs the filter as the kernel does.
std::uint32_t answer_to(const std::vector<sock_filter>& filter, const seccomp_data& call) {
  std::uint32_t loaded = 0;
  for (std::size_t at = 0; at < filter.size(); ++at) {
    const sock_filter& line = filter[at];
    switch (line.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        std::memcpy(&loaded, reinterpret_cast<const char*>(&call) + line.k, sizeof loaded);
        break;
      case BPF_RET | BPF_K:
        return line.k;
      case BPF_JMP | BPF_JEQ | BPF_K:
        at += loaded == line.k ? line.jt : line.jf;
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        at += loaded >= line.k ? line.jt : line.jf;
        break;
      case BPF_JMP | BPF_JSET | BPF_K:
        at += (loaded & line.k) != 0 ? line.jt : line.jf;
        break;
      default:
        ADD_FAILURE() << "an instruction that is not expected: " << line.code;
        return 0;
    }
  }
  ADD_FAILURE() << "the filter ends without an answer";
  return 0;
}

#if defined(__x86_64__)
constexpr std::uint32_t kMachine = 0xC000003E;  // AUDIT_ARCH_X86_64
#else
constexpr std::uint32_t kMachine = 0xC00000B7;  // AUDIT_ARCH_AARCH64
#endif
constexpr std::uint32_t kRefused = SECCOMP_RET_ERRNO | EACCES;

std::uint32_t answer_to(long call, std::initializer_list<std::uint64_t> arguments = {}) {
  seccomp_data asked{static_cast<int>(call), kMachine, 0, {}};
  std::ranges::copy(arguments, asked.args);
  return answer_to(system_call_filter(4711), asked);
}

TEST(SystemCallFilter, allows_what_computing_needs) {
  for (const long call : allowed_calls()) EXPECT_EQ(answer_to(call), SECCOMP_RET_ALLOW) << call;
  EXPECT_EQ(answer_to(SYS_mmap, {0, 4096, PROT_READ | PROT_WRITE}), SECCOMP_RET_ALLOW);
  EXPECT_EQ(answer_to(SYS_clone, {CLONE_VM | CLONE_THREAD | CLONE_SIGHAND}), SECCOMP_RET_ALLOW);
  EXPECT_EQ(answer_to(SYS_tgkill, {4711, 4712, SIGABRT}), SECCOMP_RET_ALLOW);
  EXPECT_EQ(answer_to(SYS_prlimit64, {0, 3, 0, 1}), SECCOMP_RET_ALLOW);
}

TEST(SystemCallFilter, traps_what_no_engine_asks_for) {
  for (const CallName& call : trapped_calls()) EXPECT_EQ(answer_to(call.number), SECCOMP_RET_TRAP) << call.name;
  EXPECT_EQ(answer_to(SYS_clone, {SIGCHLD}), SECCOMP_RET_TRAP);
  EXPECT_EQ(answer_to(SYS_clone, {CLONE_THREAD | CLONE_NEWUSER}), SECCOMP_RET_TRAP);
  EXPECT_EQ(answer_to(SYS_tgkill, {1, 1, SIGKILL}), SECCOMP_RET_TRAP);
}

TEST(SystemCallFilter, refuses_everything_else_with_an_error) {
  for (const long call : {SYS_openat, SYS_statx, SYS_ioctl, SYS_fcntl, SYS_setrlimit, SYS_dup}) {
    EXPECT_EQ(answer_to(call), kRefused) << call;
  }
  EXPECT_EQ(answer_to(SYS_mmap, {0, 4096, PROT_READ | PROT_EXEC}), kRefused);
  EXPECT_EQ(answer_to(SYS_mprotect, {0, 4096, PROT_READ | PROT_EXEC}), kRefused);
  EXPECT_EQ(answer_to(SYS_prlimit64, {0, 3, 1, 0}), kRefused);
  EXPECT_EQ(answer_to(SYS_prlimit64, {0, 3, std::uint64_t{1} << 32, 0}), kRefused);
  EXPECT_EQ(answer_to(SYS_rt_sigaction, {SIGSYS}), kRefused);
  EXPECT_EQ(answer_to(SYS_clone3), SECCOMP_RET_ERRNO | ENOSYS);
}

TEST(SystemCallFilter, another_numbering_of_the_calls_ends_the_process) {
  EXPECT_EQ(answer_to(SYS_getpid | 0x4000'0000), SECCOMP_RET_KILL_PROCESS);
  EXPECT_EQ(answer_to(system_call_filter(1), {static_cast<int>(SYS_getpid), 0x40000003, 0, {}}),
            SECCOMP_RET_KILL_PROCESS);
}

TEST(SystemCallFilter, the_kernel_takes_it) {
  EXPECT_LE(system_call_filter(1).size(), std::size_t{BPF_MAXINSNS});
}

TEST(SandboxDeathTest, threads_run_and_files_do_not_open_once_the_doors_are_closed) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto confined = [] {
    leave_the_machine();
    const auto layers = close_the_doors();
    if (!layers.back().missing.empty()) _exit(3);
    int sum = 0;
    // Nothing virtual in it: UBSan would look at the object by system calls that are closed.
    pthread_t thread{};
    const auto count = [](void* to) -> void* {
      *static_cast<int*>(to) = 42;
      return nullptr;
    };
    if (pthread_create(&thread, nullptr, count, &sum) != 0 || pthread_join(thread, nullptr) != 0) _exit(2);
    _exit(sum == 42 && open("/etc/passwd", O_RDONLY) < 0 ? 0 : 1);
  };
  EXPECT_EXIT(confined(), testing::ExitedWithCode(0), "");
}

TEST(SandboxDeathTest, a_forbidden_call_ends_the_process_and_is_named) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto confined = [] {
    leave_the_machine();
    close_the_doors();
    _exit(socket(AF_INET, SOCK_STREAM, 0));
  };
  EXPECT_EXIT(confined(), testing::ExitedWithCode(kExitForbiddenCall), "the sandbox refused socket\\(\\)");
}

TEST(Sandbox, missing_layers_are_told_with_the_reason) {
  EXPECT_EQ(describe({{"namespaces", ""}, {"Landlock", "the kernel does not offer it"}}),
            "namespaces, Landlock MISSING (the kernel does not offer it)");
}

}  // namespace
}  // namespace slipway::probe_process
