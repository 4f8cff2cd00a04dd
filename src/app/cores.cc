#include "app/cores.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <thread>

namespace slipway::app {
namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Our group's path in the unified hierarchy: the line "0::/path".
std::string own_group() {
  std::istringstream lines(content_of("/proc/self/cgroup"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("0::/")) return line.substr(3);
  }
  return "/";
}

// The tightest limit between our group and the root. In a container's own view of the groups the root is its own.
std::uint32_t cores_of_groups() {
  std::uint32_t fewest = std::numeric_limits<std::uint32_t>::max();
  const auto limit = [&](const std::string& text) { fewest = std::min(fewest, cores_of_quota(text).value_or(fewest)); };
  for (std::string group = own_group();; group.resize(group.rfind('/'))) {
    if (group == "/") group.clear();
    limit(content_of("/sys/fs/cgroup" + group + "/cpu.max"));
    if (group.empty()) break;
  }
  std::string first = content_of("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");  // cgroup 1; -1: none
  if (!first.empty()) {
    std::ranges::replace(first, '\n', ' ');
    limit(first + content_of("/sys/fs/cgroup/cpu/cpu.cfs_period_us"));
  }
  return fewest;
}

}  // namespace

std::optional<std::uint32_t> cores_of_quota(std::string_view cpu_max) {
  const char* const end = cpu_max.data() + cpu_max.size();
  std::uint64_t quota = 0, period = 0;
  const auto first = std::from_chars(cpu_max.data(), end, quota);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != ' ') return std::nullopt;
  if (std::from_chars(first.ptr + 1, end, period).ec != std::errc() || period == 0 || quota == 0) return std::nullopt;
  const std::uint64_t cores = quota / period + (quota % period != 0 ? 1 : 0);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(cores, std::numeric_limits<std::uint32_t>::max()));
}

std::uint32_t available_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  // Fails on machines of more than 1,024 cores.
  const std::uint32_t allowed = sched_getaffinity(0, sizeof set, &set) == 0
                                    ? static_cast<std::uint32_t>(CPU_COUNT(&set))
                                    : std::thread::hardware_concurrency();
  return std::max(1U, std::min(allowed, cores_of_groups()));
}

}  // namespace slipway::app
