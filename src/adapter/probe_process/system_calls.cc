#include "adapter/probe_process/system_calls.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>

#include "adapter/probe_process/call_tables.h"
#include "adapter/probe_process/sandbox.h"

namespace slipway::probe_process {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_AARCH64;
#else
#error "the sandbox's filter knows x86-64 and 64-bit ARM"
#endif

constexpr std::uint32_t kRefused = SECCOMP_RET_ERRNO | EACCES;
constexpr std::uint32_t kAbsent = SECCOMP_RET_ERRNO | ENOSYS;
constexpr std::uint32_t kNewNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                         CLONE_NEWPID | CLONE_NEWNET | CLONE_PTRACE | CLONE_PARENT;

// The filter's language: load a word of the call, compare, return. Arguments are read as two halves (little-endian).
class FilterText {
 public:
  void load(std::size_t offset) { add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)); }
  void load_argument(std::size_t index, std::size_t half) {
    load(offsetof(seccomp_data, args) + index * sizeof(std::uint64_t) + half * sizeof(std::uint32_t));
  }
  void give(std::uint32_t answer) { add(BPF_RET | BPF_K, answer); }
  void give_if_equal(std::uint32_t value, std::uint32_t answer) {
    jump(BPF_JEQ, value, 0, 1);
    give(answer);
  }
  void give_unless_equal(std::uint32_t value, std::uint32_t answer) {
    jump(BPF_JEQ, value, 1, 0);
    give(answer);
  }
  void give_if_any(std::uint32_t bits, std::uint32_t answer) {
    jump(BPF_JSET, bits, 0, 1);
    give(answer);
  }
  void give_unless_any(std::uint32_t bits, std::uint32_t answer) {
    jump(BPF_JSET, bits, 1, 0);
    give(answer);
  }
  void give_if_at_least(std::uint32_t value, std::uint32_t answer) {
    jump(BPF_JGE, value, 0, 1);
    give(answer);
  }
  // For one call: `body` must end in give() on every way through; what follows is reached by all other calls, with the
  // call's number loaded.
  template <class Body>
  void on_call(long number, Body&& body) {
    const std::size_t at = program_.size();
    jump(BPF_JEQ, static_cast<std::uint32_t>(number), 0, 0);
    body();
    program_[at].jf = static_cast<std::uint8_t>(program_.size() - at - 1);
  }
  std::vector<sock_filter> program() && { return std::move(program_); }

 private:
  void add(std::uint16_t code, std::uint32_t value) { program_.push_back({code, 0, 0, value}); }
  void jump(std::uint16_t comparison, std::uint32_t value, std::uint8_t if_true, std::uint8_t if_false) {
    program_.push_back({static_cast<std::uint16_t>(BPF_JMP | comparison | BPF_K), if_true, if_false, value});
  }

  std::vector<sock_filter> program_;
};

// Memory that can be run as a program is not given to a model.
void allow_memory_that_does_not_run(FilterText& text, long call) {
  text.on_call(call, [&] {
    text.load_argument(2, 0);
    text.give_if_any(PROT_EXEC, kRefused);
    text.give(SECCOMP_RET_ALLOW);
  });
}

// A thread of this process, and nothing else that clone() makes.
void allow_threads(FilterText& text) {
  text.on_call(SYS_clone, [&] {
    text.load_argument(0, 0);
    text.give_unless_any(CLONE_THREAD, SECCOMP_RET_TRAP);
    text.give_if_any(kNewNamespaces, SECCOMP_RET_TRAP);
    text.give(SECCOMP_RET_ALLOW);
  });
}

void allow_signals_to_itself(FilterText& text, int process) {
  text.on_call(SYS_tgkill, [&] {
    text.load_argument(0, 0);
    text.give_unless_equal(static_cast<std::uint32_t>(process), SECCOMP_RET_TRAP);
    text.give(SECCOMP_RET_ALLOW);
  });
  text.on_call(SYS_rt_sigaction, [&] {
    text.load_argument(0, 0);
    text.give_if_equal(SIGSYS, kRefused);  // it is how traps are told
    text.give(SECCOMP_RET_ALLOW);
  });
}

// Reading a limit of its own: prlimit64(0, resource, nullptr, ...).
void allow_reading_limits(FilterText& text) {
  text.on_call(SYS_prlimit64, [&] {
    for (const auto& [argument, half] : {std::pair{0, 0}, {2, 0}, {2, 1}}) {
      text.load_argument(static_cast<std::size_t>(argument), static_cast<std::size_t>(half));
      text.give_unless_equal(0, kRefused);
    }
    text.give(SECCOMP_RET_ALLOW);
  });
}

void allow_names_of_threads(FilterText& text) {
  text.on_call(SYS_prctl, [&] {
    text.load_argument(0, 0);
    text.give_unless_equal(PR_SET_NAME, kRefused);
    text.give(SECCOMP_RET_ALLOW);
  });
}

// Async-signal-safe throughout.
void tell_and_leave(int, siginfo_t* what, void*) {
  const auto say = [](std::string_view words) {
    [[maybe_unused]] const auto written = write(STDERR_FILENO, words.data(), words.size());
  };
  const CallName* known = find_trap(what->si_syscall);
  say("the sandbox refused ");
  if (known != nullptr) {
    say(known->name);
  } else {
    char digits[12];
    std::size_t at = sizeof digits;
    for (unsigned left = static_cast<unsigned>(what->si_syscall); at == sizeof digits || left != 0; left /= 10) {
      digits[--at] = static_cast<char>('0' + left % 10);
    }
    say("system call ");
    say({digits + at, sizeof digits - at});
  }
  say("()");
  _exit(kExitForbiddenCall);
}

}  // namespace

std::vector<sock_filter> system_call_filter(int process) {
  FilterText text;
  text.load(offsetof(seccomp_data, arch));
  text.give_unless_equal(kMachine, SECCOMP_RET_KILL_PROCESS);
  text.load(offsetof(seccomp_data, nr));
  text.give_if_at_least(0x4000'0000, SECCOMP_RET_KILL_PROCESS);  // another numbering of the same calls (x32)
  for (const long call : allowed_calls()) text.give_if_equal(static_cast<std::uint32_t>(call), SECCOMP_RET_ALLOW);
  for (const long call : {SYS_mmap, SYS_mprotect}) allow_memory_that_does_not_run(text, call);
  text.give_if_equal(SYS_clone3, kAbsent);  // its flags lie in memory, where no filter sees them: clone() is used then
  allow_threads(text);
  allow_signals_to_itself(text, process);
  allow_reading_limits(text);
  allow_names_of_threads(text);
  for (const CallName& call : trapped_calls()) {
    text.give_if_equal(static_cast<std::uint32_t>(call.number), SECCOMP_RET_TRAP);
  }
  text.give(kRefused);
  return std::move(text).program();
}

std::string restrict_system_calls() {
  struct sigaction on_trap{};
  on_trap.sa_sigaction = tell_and_leave;
  on_trap.sa_flags = SA_SIGINFO;
  if (sigaction(SIGSYS, &on_trap, nullptr) != 0) return std::string("sigaction: ") + std::strerror(errno);
  std::vector<sock_filter> filter = system_call_filter(getpid());
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  const long failed = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
  if (failed > 0) return "a thread of the engine has a filter of its own";
  return failed == 0 ? "" : std::string("not applied: ") + std::strerror(errno);
}

}  // namespace slipway::probe_process
