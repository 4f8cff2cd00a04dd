#include "adapter/probe_process/memory_limit.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

namespace slipway::probe_process {
namespace {

// Stacks of threads, arenas, buffers made for the largest batch and given back: mapped, but hardly ever touched.
constexpr Bytes kRoom = mebibytes(256);

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMayLimit = false;
#else
constexpr bool kMayLimit = true;
#endif

struct Pages {
  unsigned long long resident = 0;
  unsigned long long data = 0;  // private and writable, and stacks: what RLIMIT_DATA counts
};

Bytes bytes_of(unsigned long long pages) {
  return {pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE))};
}

Descriptor open_pages() {
  return Descriptor(open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
}

std::optional<Pages> read_pages(const Descriptor& file) {
  char text[256];
  const ssize_t length = pread(file.fd(), text, sizeof text - 1, 0);
  if (length <= 0) return std::nullopt;
  text[length] = '\0';
  Pages pages;
  const int read = std::sscanf(text, "%*u %llu %*u %*u %*u %llu", &pages.resident, &pages.data);
  return read == 2 ? std::optional(pages) : std::nullopt;
}

// The words of operator new, of ONNX Runtime and of the system.
bool tells_of_refused_memory(std::string_view reason) {
  static constexpr std::array<std::string_view, 4> kWords = {"out of memory", "bad_alloc", "allocate memory",
                                                             "allocate memory for requested buffer"};
  return std::ranges::any_of(kWords, [&](std::string_view words) { return reason.find(words) != reason.npos; });
}

}  // namespace

MemoryGauge::MemoryGauge() : pages_(open_pages()) {}

Bytes MemoryGauge::resident() const {
  const auto pages = read_pages(pages_);
  return pages ? bytes_of(pages->resident) : Bytes{};
}

bool limit_memory(Bytes allowed) {
  const auto pages = read_pages(open_pages());
  if (!kMayLimit || !pages) return false;
  const std::uint64_t used = bytes_of(pages->data).count + kRoom.count;
  const rlim_t most = allowed.count > RLIM_INFINITY - 1 - used ? RLIM_INFINITY - 1 : used + allowed.count;
  const rlimit both{most, most};
  return setrlimit(RLIMIT_DATA, &both) == 0;
}

ports::ProbeOutcome judged(ports::ProbeOutcome outcome, Bytes allowed) {
  using Verdict = ports::ProbeOutcome::Verdict;
  if (outcome.verdict == Verdict::Passed || !tells_of_refused_memory(outcome.reason)) return outcome;
  return {Verdict::Failed,
          "limits.memory: expected to load and run within " + to_string(allowed) +
              ", found that it asked for more: " + outcome.reason,
          {},
          std::move(outcome.sandbox)};
}

}  // namespace slipway::probe_process
