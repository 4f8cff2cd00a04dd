#include "adapter/supervision/successor.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>
#include <thread>

#include "base/text.h"

namespace slipway::supervision {
namespace {

const std::string kVariable = "SLIPWAY_HANDOVER_DESCRIPTOR";

constexpr Duration kLeaving = std::chrono::seconds(5);  // for a process that closed its channel
constexpr Duration kGlance = std::chrono::milliseconds(10);

// How a child begins: no signal blocked or ignored, whatever this process does with them.
class SpawnSettings {
 public:
  SpawnSettings() {
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&actions);
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGUSR2}) sigaddset(&usual, number);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
};

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> all;
  for (std::string& word : words) all.push_back(word.data());
  all.push_back(nullptr);
  return all;
}

}  // namespace

Result<Successor> Successor::start(const std::vector<std::string>& command, const Clock& clock) {
  auto ends = TRY(HandoverChannel::pair());
  const int given = ends.second.fd();
  SpawnSettings settings;
  posix_spawn_file_actions_adddup2(&settings.actions, given, given);  // onto itself: it survives the exec
  std::vector<std::string> words = command;
  std::vector<std::string> environment;
  for (char** variable = environ; *variable != nullptr; ++variable) environment.emplace_back(*variable);
  environment.push_back((kVariable + "=").append(std::to_string(given)));
  pid_t process = 0;
  const int failure = ::posix_spawnp(&process, words.front().c_str(), &settings.actions, &settings.attributes,
                                     pointers(words).data(), pointers(environment).data());
  if (failure != 0) {
    return unavailable("cannot run " + words.front() + ": " + std::generic_category().message(failure));
  }
  return Successor(process, HandoverChannel(std::move(ends.first), clock));
}

Successor::~Successor() {
  if (process_ == 0) return;
  ::kill(process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::string Successor::ending() {
  // Whoever closed the channel is leaving; one that does not is ended.
  int status = 0;
  pid_t ended = 0;
  for (Duration waited{0}; waited < kLeaving && ended == 0; waited += kGlance) {
    ended = ::waitpid(process_, &status, WNOHANG);
    if (ended == 0) std::this_thread::sleep_for(kGlance);
  }
  if (ended != process_) return "it closed its channel and did not leave";
  process_ = 0;
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status)) + " ended it";
  return "it left with code " + std::to_string(WEXITSTATUS(status));
}

Result<std::optional<HandoverChannel>> channel_to_predecessor(const Clock& clock) {
  const char* value = std::getenv(kVariable.c_str());
  if (value == nullptr) return std::optional<HandoverChannel>();
  const std::string text = value;
  ::unsetenv(kVariable.c_str());
  int fd = -1;
  int type = 0;
  socklen_t size = sizeof type;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), fd);
  if (status != std::errc{} || end != text.data() + text.size() ||
      ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    return invalid_input(kVariable + ": expected the number of a socket, found \"" + printable(text) +
                         "\" (a server sets it for the one that follows it)");
  }
  return std::optional(HandoverChannel(Descriptor(fd), clock));
}

Result<std::vector<std::string>> own_command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  const std::string all(std::istreambuf_iterator<char>(file), {});
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t end = std::min(all.find('\0', begin), all.size());
    words.push_back(all.substr(begin, end - begin));
    begin = end + 1;
  }
  if (words.empty()) return unavailable("cannot read the own command line from /proc");
  return words;
}

}  // namespace slipway::supervision
