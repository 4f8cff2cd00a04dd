#include "adapter/probe_process/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

#include "adapter/probe_process/child.h"
#include "adapter/probe_process/sandbox.h"
#include "base/descriptor.h"
#include "base/text.h"

namespace slipway::probe_process {
namespace {

constexpr std::size_t kKeptComplaint = 2000;
constexpr Duration kLongestWait = std::chrono::milliseconds(100);  // until a stop is noticed

// What the child may see of our environment: where its libraries are, and how a sanitizer reports.
std::vector<std::string> child_environment() {
  static constexpr std::string_view kPassed[] = {
      "PATH=",          "LD_LIBRARY_PATH=", "SLIPWAY_BACKENDS=", "ASAN_OPTIONS=",
      "UBSAN_OPTIONS=", "TSAN_OPTIONS=",    "LSAN_OPTIONS=",     "LANG=",
      "TMPDIR="};
  std::vector<std::string> environment;
  for (char** variable = environ; *variable; ++variable) {
    const std::string_view text(*variable);
    if (std::ranges::any_of(kPassed, [&](std::string_view name) { return text.starts_with(name); })) {
      environment.emplace_back(text);
    }
  }
  return environment;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

Result<pid_t> spawn(const std::string& program, const char* command, int request, int answer, int complaints) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, complaints, 2);
  posix_spawn_file_actions_adddup2(&actions, request, kRequestDescriptor);
  posix_spawn_file_actions_adddup2(&actions, answer, kAnswerDescriptor);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  sigset_t defaults;
  sigfillset(&defaults);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<std::string> words = {"slipway", command};
  std::vector<std::string> environment = child_environment();
  pid_t child = -1;
  const int failed = posix_spawn(&child, program.c_str(), &actions, &attributes, pointers_to(words).data(),
                                 pointers_to(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return unavailable("the prober did not start: " + std::string(std::strerror(failed)));
  return child;
}

// Listens to the child until it has ended and closed both pipes, the time is up, or `stopped`.
Heard listen(pid_t child, int answer, int complaints, const ChildRules& rules, const std::atomic<bool>& stopped) {
  Heard heard;
  const TimePoint end = SystemClock().now() + rules.timeout;
  // By number: glibc 2.36 declares pidfd_open for C alone.
  const Descriptor ending(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  if (!ending) return heard;
  pollfd open[3] = {{answer, POLLIN, 0}, {complaints, POLLIN, 0}, {ending.fd(), POLLIN, 0}};
  while (std::ranges::any_of(open, [](const pollfd& one) { return one.fd >= 0; })) {
    const auto left = end - SystemClock().now();
    if (left <= Duration{0} || stopped.load(std::memory_order_relaxed)) return heard;
    const auto turn = std::chrono::ceil<std::chrono::milliseconds>(std::min<Duration>(left, kLongestWait));
    if (poll(open, 3, static_cast<int>(turn.count())) < 0 && errno != EINTR) return heard;
    if (open[2].revents != 0) open[2].fd = -1;
    for (int i = 0; i < 2; ++i) {
      if (open[i].fd < 0 || open[i].revents == 0) continue;
      char buffer[16384];
      const ssize_t got = read(open[i].fd, buffer, sizeof buffer);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) {
        open[i].fd = -1;
        continue;
      }
      std::string& into = i == 0 ? heard.answer : heard.complaints;
      into.append(buffer, static_cast<std::size_t>(got));
      if (i == 0 && into.size() > rules.longest_answer) return heard;
      if (i == 1 && into.size() > 2 * kKeptComplaint) into.erase(0, into.size() - kKeptComplaint);
    }
  }
  heard.in_time = true;
  return heard;
}

}  // namespace

Result<Heard> run_child_process(const ChildRules& rules, int request, const std::atomic<bool>& stopped) {
  int answer_pipe[2];
  int complaint_pipe[2];
  if (pipe2(answer_pipe, O_CLOEXEC) != 0)
    return unavailable(std::string("no pipe to the prober: ") + std::strerror(errno));
  const Descriptor answer(answer_pipe[0]);
  Descriptor answer_end(answer_pipe[1]);
  if (pipe2(complaint_pipe, O_CLOEXEC) != 0) {
    return unavailable(std::string("no pipe to the prober: ") + std::strerror(errno));
  }
  const Descriptor complaints(complaint_pipe[0]);
  Descriptor complaints_end(complaint_pipe[1]);
  const pid_t child = TRY(spawn(rules.program, rules.command, request, answer_end.fd(), complaints_end.fd()));
  answer_end.close();
  complaints_end.close();
  Heard heard = listen(child, answer.fd(), complaints.fd(), rules, stopped);
  if (!heard.in_time) kill(child, SIGKILL);
  while (waitpid(child, &heard.status, 0) < 0 && errno == EINTR) {
  }
  return heard;
}

bool left_well(const Heard& heard) {
  return heard.in_time && WIFEXITED(heard.status) && WEXITSTATUS(heard.status) == 0;
}

bool ended_itself(const Heard& heard) {
  if (!heard.in_time || !WIFSIGNALED(heard.status)) return false;
  constexpr std::array kOwn = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGXCPU, SIGXFSZ};
  return std::ranges::count(kOwn, WTERMSIG(heard.status)) != 0;
}

bool asked_for_what_is_forbidden(const Heard& heard) {
  return heard.in_time && WIFEXITED(heard.status) && WEXITSTATUS(heard.status) == kExitForbiddenCall;
}

std::string last_words(const Heard& heard) {
  return printable(heard.complaints, kKeptComplaint);
}

std::string how_it_ended(const Heard& heard) {
  const int status = heard.status;
  std::string text = WIFSIGNALED(status) ? "was ended by signal " + std::to_string(WTERMSIG(status)) + " (" +
                                               strsignal(WTERMSIG(status)) + ")"
                                         : "left with code " + std::to_string(WEXITSTATUS(status));
  if (!heard.complaints.empty()) text += ": " + last_words(heard);
  return text;
}

}  // namespace slipway::probe_process
