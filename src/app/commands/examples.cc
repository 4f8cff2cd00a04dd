#include "app/commands/examples.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace slipway::app {
namespace {

namespace fs = std::filesystem;

struct Example {
  const char* folder;
  const char* name;
};
constexpr std::array<Example, 4> kExamples = {
    {{"breast_cancer", "breast-cancer"}, {"digits", "digits"}, {"diabetes", "diabetes"}, {"wine", "wine"}}};

// The examples folder: here, beside the build folder this program lies in, or where an installation puts it.
std::optional<fs::path> examples_folder() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const fs::path& place :
       {fs::path("examples"), program / "../../examples", program / "../share/slipway/examples"}) {
    if (fs::exists(place / kExamples[0].folder / "slipway.yaml", ignored)) return fs::canonical(place, ignored);
  }
  return std::nullopt;
}

// Starts this program with `words`, its standard output thrown away; 0: it did not start.
pid_t start_slipway(const std::vector<std::string>& words, const std::string& url, const std::string& token_file) {
  // A dumb terminal, so that no progress is drawn across the server's log.
  std::vector<std::string> environment = {"SLIPWAY_URL=" + url,
                                          "SLIPWAY_DATA=" + fs::path(token_file).parent_path().string(), "TERM=dumb"};
  for (char** variable = environ; *variable; ++variable) {
    const std::string_view text(*variable);
    if (!text.starts_with("SLIPWAY_") && !text.starts_with("TERM=")) environment.emplace_back(text);
  }
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (std::string& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
  };
  std::vector<std::string> arguments = {"slipway"};
  arguments.insert(arguments.end(), words.begin(), words.end());
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t child = 0;
  const int failed = posix_spawn(&child, "/proc/self/exe", &actions, &attributes, pointers(arguments).data(),
                                 pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return failed == 0 ? child : 0;
}

}  // namespace

ExamplesPublisher::ExamplesPublisher(const House& house) : house_(house), thread_([this] { publish(); }) {
  pthread_setname_np(thread_.native_handle(), "examples");
}

ExamplesPublisher::~ExamplesPublisher() {
  {
    auto child = child_.lock();
    stopping_ = true;
    if (*child != 0) kill(*child, SIGINT);
  }
  thread_.join();
}

bool ExamplesPublisher::run_slipway(const std::vector<std::string>& words, const std::string& url) {
  pid_t child = 0;
  {
    auto running = child_.lock();
    if (stopping_) return false;
    child = *running = start_slipway(words, url, house_.token_file());
  }
  if (child == 0) return false;
  // Not reaped while it is waited for, so that its number is its own while another thread may end it.
  siginfo_t ended{};
  while (waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  auto running = child_.lock();
  *running = 0;
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void ExamplesPublisher::publish() {
  const auto folder = examples_folder();
  if (!folder) {
    std::printf("The examples folder was not found: looked in ./examples and beside the program\n");
    std::fflush(stdout);
    return;
  }
  while (!stopping_ && !house_.predictor().is_ready()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const std::string url = as_url(house_.addresses().front());
  for (const Example& example : kExamples) {
    if (stopping_) return;
    if (house_.predictor().find(example.name, std::nullopt).ok()) continue;
    const std::string package = (*folder / example.folder).string();
    if (!run_slipway({"push", package, "--name", example.name}, url) ||
        !run_slipway({"deploy", example.name, "--wait"}, url)) {
      if (stopping_) return;
      std::printf("The example %s could not be published; see above\n", example.name);
    }
  }
  std::printf("\nLive:\n");
  for (const ports::ServedState& state : house_.predictor().index()) {
    if (state.state != ports::ServedState::State::Ready) continue;
    std::printf("  %s, version %llu\n", state.model.c_str(), static_cast<unsigned long long>(state.version));
  }
  std::error_code ignored;
  const std::string program = fs::relative(fs::read_symlink("/proc/self/exe", ignored), ignored).string();
  std::printf(
      "\nTry, in another terminal:\n"
      "  curl -s %s/predict/wine -d '{\"row\": [13.2, 1.78, 2.14, 11.2, 100, 2.65, 2.76, 0.26, 1.28, 4.38, 1.05, 3.4, "
      "1050]}'\n"
      "  %s models\n"
      "  curl -s %s/metrics\n\nCtrl-C stops.\n",
      url.c_str(), program.c_str(), url.c_str());
  std::fflush(stdout);
}

}  // namespace slipway::app
