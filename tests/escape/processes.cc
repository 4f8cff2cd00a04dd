// Other programs and processes, and more of the machine than this one was given.
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>

#include "escape/attempt.h"

namespace slipway::escape {
namespace {

bool became_two(long child) {
  if (child == 0) _exit(0);
  if (child > 0) waitpid(static_cast<pid_t>(child), nullptr, __WALL);
  return child > 0;
}

void* sleep_on(void*) {
  pause();
  return nullptr;
}

// Far more than any engine's pool.
bool starts_threads(int count) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, std::size_t{8} << 20);
  for (int i = 0; i < count; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, sleep_on, nullptr) != 0) return false;
  }
  return true;
}

// A program of its own that leaves with 0; only the way there is of interest.
bool runs_a_program(long (*start)(char** words)) {
  char program[] = "/bin/true";
  char* words[] = {program, nullptr};
  int told[2];
  if (pipe2(told, O_CLOEXEC) != 0) return start(words) == 0;
  const pid_t child = fork();
  if (child < 0) return start(words) == 0;
  if (child == 0) {
    start(words);
    _exit(1);
  }
  int status = 1;
  waitpid(child, &status, 0);
  return status == 0;
}

bool raises(__rlimit_resource resource) {
  const rlimit most{RLIM_INFINITY, RLIM_INFINITY};
  rlimit now{};
  getrlimit(resource, &now);
  return now.rlim_cur == RLIM_INFINITY || setrlimit(resource, &most) == 0;
}

constexpr Attempt kAttempts[] = {
    {"fork", [](const Outside&) { return became_two(fork()); }},
    {"plain_clone", [](const Outside&) { return became_two(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }},
    {"clone3",
     [](const Outside&) {
       clone_args how{};
       how.exit_signal = SIGCHLD;
       return became_two(syscall(SYS_clone3, &how, sizeof how));
     }},
    {"vfork_and_run",
     [](const Outside&) { return runs_a_program([](char** words) -> long { return execv(words[0], words); }); }},
    {"execve",
     [](const Outside&) {
       char program[] = "/bin/true";
       char* words[] = {program, nullptr};
       execve(program, words, nullptr);
       return false;
     }},
    {"execveat",
     [](const Outside&) {
       char program[] = "/bin/true";
       char* words[] = {program, nullptr};
       syscall(SYS_execveat, AT_FDCWD, program, words, nullptr, 0);
       return false;
     }},
    {"thread_bomb", [](const Outside&) { return starts_threads(1000); }},
    {"take_memory",
     [](const Outside&) {
       return mmap(nullptr, std::size_t{6} << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0) != MAP_FAILED;
     }},
    {"kill", [](const Outside& outside) { return kill(outside.process, SIGURG) == 0; }},
    {"kill_everybody", [](const Outside&) { return kill(-1, 0) == 0; }},
    {"kill_thread",
     [](const Outside& outside) { return syscall(SYS_tgkill, outside.process, outside.thread, SIGURG) == 0; }},
    {"queue_signal", [](const Outside& outside) { return sigqueue(outside.process, SIGURG, {}) == 0; }},
    {"hold_process", [](const Outside& outside) { return syscall(SYS_pidfd_open, outside.process, 0) >= 0; }},
    {"trace", [](const Outside& outside) { return ptrace(PTRACE_SEIZE, outside.process, 0, 0) == 0; }},
    {"read_other_process",
     [](const Outside& outside) {
       char here[1];
       const iovec to{here, 1};
       const iovec from{const_cast<char*>("x"), 1};  // at the same address there, or at none: both are past the check
       return process_vm_readv(outside.process, &to, 1, &from, 1, 0) == 1 || errno == EFAULT;
     }},
    {"limits_of_another",
     [](const Outside& outside) {
       rlimit found{};
       return prlimit(outside.process, RLIMIT_NOFILE, nullptr, &found) == 0;
     }},
    {"priority_of_another",
     [](const Outside& outside) { return setpriority(PRIO_PROCESS, static_cast<id_t>(outside.process), 0) == 0; }},
    {"processor_of_another",
     [](const Outside& outside) {
       cpu_set_t all;
       sched_getaffinity(0, sizeof all, &all);
       return sched_setaffinity(outside.process, sizeof all, &all) == 0;
     }},
    {"more_files", [](const Outside&) { return raises(RLIMIT_FSIZE); }},
    {"more_memory", [](const Outside&) { return raises(RLIMIT_DATA); }},
    {"more_time", [](const Outside&) { return raises(RLIMIT_CPU); }},
    {"environment",
     [](const Outside&) { return std::getenv("SLIPWAY_TOKEN") != nullptr || std::getenv("PATH") != nullptr; }},
    {"run_memory",
     [](const Outside&) {
       return mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
     }},
    {"turn_memory_into_program",
     [](const Outside&) {
       void* at = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
       return at != MAP_FAILED && mprotect(at, 4096, PROT_READ | PROT_EXEC) == 0;
     }},
    {"silence_the_trap", [](const Outside&) { return signal(SIGSYS, SIG_IGN) != SIG_ERR; }},
};

}  // namespace

std::span<const Attempt> on_processes() {
  return kAttempts;
}

}  // namespace slipway::escape
