#include "adapter/supervision/passed_sockets.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "base/text.h"

namespace slipway::supervision {
namespace {

constexpr int kFirst = 3;  // by the service manager's contract
constexpr int kMost = 64;

std::optional<std::string> take(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  std::string taken = value;
  ::unsetenv(name);
  return taken;
}

Result<int> number(const char* name, const std::string& text, int most) {
  int value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status == std::errc{} && end == text.data() + text.size() && value >= 0 && value <= most) return value;
  return invalid_input(std::string(name) + ": expected a number from 0 to " + std::to_string(most) + ", found \"" +
                       printable(text) + "\"");
}

// "a:b" -> "a", then "b", then nothing.
std::string next_name(std::string_view& names) {
  const std::size_t colon = std::min(names.find(':'), names.size());
  std::string name(names.substr(0, colon));
  names.remove_prefix(std::min(colon + 1, names.size()));
  return name;
}

}  // namespace

Result<std::vector<PassedSocket>> take_passed_sockets() {
  const auto process = take("LISTEN_PID");
  const auto count = take("LISTEN_FDS");
  const auto names = take("LISTEN_FDNAMES");
  std::vector<PassedSocket> sockets;
  if (!process || !count || TRY(number("LISTEN_PID", *process, 1 << 30)) != ::getpid()) return sockets;
  const int passed = TRY(number("LISTEN_FDS", *count, kMost));
  std::string_view left = names ? std::string_view(*names) : std::string_view();
  for (int fd = kFirst; fd < kFirst + passed; ++fd) {
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
      return invalid_input("LISTEN_FDS: expected " + std::to_string(passed) + " open descriptors from 3 on, but " +
                           std::to_string(fd) + " is not open");
    }
    sockets.push_back({next_name(left), Descriptor(fd)});
  }
  return sockets;
}

}  // namespace slipway::supervision
