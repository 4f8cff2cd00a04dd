#include "app/machine_share.h"

#include <sched.h>
#include <sys/sysinfo.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

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

// What `file` says in our group and in every one between it and the root: the tightest limit holds. In a container's
// own view of the groups the root is its own.
std::vector<std::string> limits_of_groups(const std::string& file) {
  std::vector<std::string> texts;
  for (std::string group = own_group();; group.resize(group.rfind('/'))) {
    if (group == "/") group.clear();
    texts.push_back(content_of("/sys/fs/cgroup" + group + "/" + file));
    if (group.empty()) return texts;
  }
}

std::uint32_t cores_of_groups() {
  std::vector<std::string> texts = limits_of_groups("cpu.max");
  std::string first = content_of("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");  // cgroup 1; -1: none
  std::ranges::replace(first, '\n', ' ');
  texts.push_back(first + content_of("/sys/fs/cgroup/cpu/cpu.cfs_period_us"));
  std::uint32_t fewest = std::numeric_limits<std::uint32_t>::max();
  for (const std::string& text : texts) fewest = std::min(fewest, cores_of_quota(text).value_or(fewest));
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

std::optional<std::uint64_t> bytes_of_limit(std::string_view memory_max) {
  while (memory_max.ends_with('\n')) memory_max.remove_suffix(1);
  std::uint64_t bytes = 0;
  const auto read = std::from_chars(memory_max.data(), memory_max.data() + memory_max.size(), bytes);
  if (read.ec != std::errc() || read.ptr != memory_max.data() + memory_max.size()) return std::nullopt;
  return bytes;
}

Bytes available_memory() {
  struct sysinfo machine{};
  sysinfo(&machine);
  std::uint64_t least = static_cast<std::uint64_t>(machine.totalram) * machine.mem_unit;
  std::vector<std::string> texts = limits_of_groups("memory.max");
  texts.push_back(content_of("/sys/fs/cgroup/memory/memory.limit_in_bytes"));  // cgroup 1
  for (const std::string& text : texts) least = std::min(least, bytes_of_limit(text).value_or(least));
  return {least};
}

}  // namespace slipway::app
