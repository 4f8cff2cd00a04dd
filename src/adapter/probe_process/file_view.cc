#include "adapter/probe_process/file_view.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>

#include "base/descriptor.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self 446
#endif

namespace slipway::probe_process {
namespace {

// The kernel's landlock_ruleset_attr as of ABI 6; the distribution's header knows the first field alone.
struct RulesetAttributes {
  std::uint64_t files;    // every right named here is refused everywhere, as no rule gives it back
  std::uint64_t ports;    // from 4: bind and connect
  std::uint64_t outside;  // from 6: abstract sockets and signals of processes outside
};

constexpr unsigned long kAskVersion = 1;  // LANDLOCK_CREATE_RULESET_VERSION

// Rights came in numbers: 13 with ABI 1, then moving between folders (2), truncating (3), commands to devices (5).
std::uint64_t file_rights(long abi) {
  const int count = abi >= 5 ? 16 : abi >= 3 ? 15 : abi >= 2 ? 14 : 13;
  return (std::uint64_t{1} << count) - 1;
}

// The rules bind the calling thread and those it will start, not its siblings.
bool has_other_threads() {
  std::error_code unreadable;
  std::size_t threads = 0;
  for ([[maybe_unused]] const auto& thread : std::filesystem::directory_iterator("/proc/self/task", unreadable))
    ++threads;
  return unreadable || threads != 1;
}

}  // namespace

std::string hide_files() {
  const long abi = syscall(SYS_landlock_create_ruleset, nullptr, 0, kAskVersion);
  if (abi < 1) return std::string("the kernel does not offer it: ") + std::strerror(errno);
  if (has_other_threads()) return "the engine runs threads of its own before a model is loaded";
  RulesetAttributes attributes{file_rights(abi), abi >= 4 ? 3U : 0U, abi >= 6 ? 3U : 0U};
  const std::size_t size = abi >= 6 ? sizeof attributes : abi >= 4 ? 16 : 8;
  const Descriptor rules(static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
  if (!rules) return std::string("no ruleset: ") + std::strerror(errno);
  if (syscall(SYS_landlock_restrict_self, rules.fd(), 0) != 0) {
    return std::string("not applied: ") + std::strerror(errno);
  }
  return "";
}

}  // namespace slipway::probe_process
