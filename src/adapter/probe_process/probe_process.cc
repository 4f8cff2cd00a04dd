#include "adapter/probe_process/probe_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "adapter/probe_process/frame.h"
#include "adapter/probe_process/sandbox.h"
#include "base/descriptor.h"
#include "base/text.h"

namespace slipway::probe_process {
namespace {

using Verdict = ports::ProbeOutcome::Verdict;

constexpr std::size_t kLongestAnswer = 1U << 20;
constexpr std::size_t kKeptComplaint = 2000;
constexpr Duration kLongestWait = std::chrono::milliseconds(100);  // until stop() is noticed

ports::ProbeOutcome inconclusive(std::string reason) {
  return {Verdict::Inconclusive, std::move(reason), {}};
}

Result<void> write_all(int descriptor, ByteSpan bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return unavailable(std::string("handing the package to the prober: ") + std::strerror(errno));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

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

Result<pid_t> spawn(const std::string& program, int request, int answer, int complaints) {
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
  std::vector<std::string> words = {"slipway", "probe"};
  std::vector<std::string> environment = child_environment();
  pid_t child = -1;
  const int failed = posix_spawn(&child, program.c_str(), &actions, &attributes, pointers_to(words).data(),
                                 pointers_to(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return unavailable("the prober did not start: " + std::string(std::strerror(failed)));
  return child;
}

struct Heard {
  std::string answer;
  std::string complaints;  // the end of what the child wrote to standard error
  bool in_time = false;    // the child has ended
};

// Listens to the child until it has ended and closed both pipes, the time is up, or `stopped`.
Heard listen(pid_t child, int answer, int complaints, Duration allowed, const std::atomic<bool>& stopped) {
  Heard heard;
  const TimePoint end = SystemClock().now() + allowed;
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
      char buffer[4096];
      const ssize_t got = read(open[i].fd, buffer, sizeof buffer);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) {
        open[i].fd = -1;
        continue;
      }
      std::string& into = i == 0 ? heard.answer : heard.complaints;
      into.append(buffer, static_cast<std::size_t>(got));
      if (i == 0 && into.size() > kLongestAnswer) return heard;
      if (i == 1 && into.size() > 2 * kKeptComplaint) into.erase(0, into.size() - kKeptComplaint);
    }
  }
  heard.in_time = true;
  return heard;
}

std::string how_it_ended(int status, const std::string& complaints) {
  std::string text = WIFSIGNALED(status) ? "was ended by signal " + std::to_string(WTERMSIG(status)) + " (" +
                                               strsignal(WTERMSIG(status)) + ")"
                                         : "left with code " + std::to_string(WEXITSTATUS(status));
  if (!complaints.empty()) text += ": " + printable(complaints, kKeptComplaint);
  return text;
}

bool holds(const ports::SandboxLayer& layer) {
  return layer.missing.empty();
}

ports::ProbeOutcome conclude(const Heard& heard, int status, Duration timeout) {
  auto outcome = read_outcome(as_bytes(heard.answer));
  const bool left_well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (heard.in_time && left_well && outcome.ok()) return std::move(outcome).value();
  std::vector<ports::SandboxLayer> layers = layers_told(as_bytes(heard.answer));
  if (!heard.in_time) {
    return {Verdict::Inconclusive,
            "verification did not finish within " + std::to_string(timeout / std::chrono::seconds(1)) + " s",
            {},
            std::move(layers)};
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == kExitForbiddenCall) {
    std::string last_words = printable(heard.complaints, kKeptComplaint);

    return {Verdict::Failed,
            "the model asked the system for what no model has a need of: " + last_words,
            {},
            std::move(layers)};
  }
  return {Verdict::Inconclusive, "the prober " + how_it_ended(status, heard.complaints), {}, std::move(layers)};
}

}  // namespace

ProbeProcess::ProbeProcess(ports::ArtifactStore& artifacts, Log& log, Settings settings)
    : artifacts_(artifacts), log_(log), settings_(std::move(settings)) {}

Result<int> ProbeProcess::write_request(const model::ModelVersion& version) {
  const int file = memfd_create("slipway-candidate", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (file < 0) return unavailable(std::string("no memory file for the prober: ") + std::strerror(errno));
  const auto fill = [&]() -> Result<void> {
    FrameWriter head;
    head.number(static_cast<std::uint64_t>(settings_.sandbox));
    head.text(version.manifest);
    head.number(version.files.size());
    TRY(write_all(file, as_bytes(head.bytes())));
    for (const model::PackageFile& entry : version.files) {
      const std::vector<std::byte> bytes = TRY(artifacts_.read(entry.digest, settings_.largest_package));
      FrameWriter frame;
      frame.text(entry.path);
      frame.number(bytes.size());
      TRY(write_all(file, as_bytes(frame.bytes())));
      TRY(write_all(file, bytes));
    }
    return {};
  };
  if (auto filled = fill(); !filled.ok()) {
    close(file);
    return std::move(filled).error();
  }
  lseek(file, 0, SEEK_SET);
  fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
  return file;
}

ports::ProbeOutcome ProbeProcess::probe(const model::ModelVersion& version) {
  const ports::ProbeOutcome interrupted{Verdict::Interrupted, "verification was stopped", {}};
  if (stopped_) return interrupted;
  auto written = write_request(version);
  if (!written.ok()) {
    const bool damaged = written.error().code == ErrorCode::Corrupt;
    return {damaged ? Verdict::Failed : Verdict::Inconclusive, written.error().message, {}};
  }
  Descriptor request(*written);
  int answer_pipe[2];
  int complaint_pipe[2];
  if (pipe2(answer_pipe, O_CLOEXEC) != 0)
    return inconclusive(std::string("no pipe to the prober: ") + std::strerror(errno));
  Descriptor answer(answer_pipe[0]);
  Descriptor answer_end(answer_pipe[1]);
  if (pipe2(complaint_pipe, O_CLOEXEC) != 0)
    return inconclusive(std::string("no pipe to the prober: ") + std::strerror(errno));
  Descriptor complaints(complaint_pipe[0]);
  Descriptor complaints_end(complaint_pipe[1]);

  const auto child = spawn(settings_.program, request.fd(), answer_end.fd(), complaints_end.fd());
  if (!child.ok()) return inconclusive(child.error().message);
  answer_end.close();
  complaints_end.close();
  const Heard heard = listen(*child, answer.fd(), complaints.fd(), settings_.timeout, stopped_);
  if (!heard.in_time) kill(*child, SIGKILL);
  int status = 0;
  while (waitpid(*child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!heard.in_time && stopped_) return interrupted;
  ports::ProbeOutcome outcome = conclude(heard, status, settings_.timeout);
  const std::string& model = version.name.text();
  if (outcome.verdict != Verdict::Passed) log_.warning("not verified", {{"model", model}, {"why", outcome.reason}});
  if (!outcome.sandbox.empty() && !std::ranges::all_of(outcome.sandbox, holds)) {
    log_.warning("verified without the whole sandbox", {{"model", model}, {"layers", describe(outcome.sandbox)}});
  }
  return outcome;
}

}  // namespace slipway::probe_process
