#include "adapter/telemetry_prometheus/telemetry_prometheus.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

#include "adapter/telemetry_prometheus/metrics_page.h"
#include "domain/access/permission.h"

namespace slipway::telemetry_prometheus {
namespace {

using ports::MetricKind;

double processor_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// Entries of a folder of /proc/self: open files ("fd") or threads ("task"). Opening "fd" is one of them.
double entries_in(const char* folder) {
  DIR* entries = ::opendir(folder);
  if (!entries) return 0;
  double count = 0;
  while (const dirent* entry = ::readdir(entries)) count += entry->d_name[0] != '.';
  ::closedir(entries);
  return count;
}

void gauge(ports::MetricVisitor& visitor, std::string_view name, std::string_view help, double value) {
  visitor.family(name, help, MetricKind::Gauge);
  visitor.sample({}, value);
}

}  // namespace

ProcessMetrics::ProcessMetrics(const Clock& clock, std::string version, std::string commit)
    : started_at_(clock.wall_now()), version_(std::move(version)), commit_(std::move(commit)) {}

void ProcessMetrics::collect(ports::MetricVisitor& visitor) const {
  visitor.family("slipway_build_info", "Version and commit of this server; always 1.", MetricKind::Gauge);
  const std::array<ports::MetricLabel, 2> build = {{{"version", version_}, {"commit", commit_}}};
  visitor.sample(build, 1);

  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
  gauge(visitor, "process_virtual_memory_bytes", "Address space in use.", static_cast<double>(total) * page);
  gauge(visitor, "process_resident_memory_bytes", "Memory in use.", static_cast<double>(resident) * page);
  gauge(visitor, "process_start_time_seconds", "When the process started, since 1970.",
        std::chrono::duration<double>(started_at_.time_since_epoch()).count());
  gauge(visitor, "process_open_fds", "Open file descriptors.", entries_in("/proc/self/fd"));
  gauge(visitor, "process_threads", "Threads of the process.", entries_in("/proc/self/task"));
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  gauge(visitor, "process_max_fds", "Most file descriptors the process may open.", static_cast<double>(files.rlim_cur));
  visitor.family("process_cpu_seconds_total", "Processor time used.", MetricKind::Counter);
  visitor.sample({}, processor_seconds());
}

std::vector<net::Route> routes(std::vector<const ports::MetricSource*> sources) {
  const net::BlockingHandler answer = [sources = std::move(sources)](net::BlockingRequest&) -> net::Reply {
    MetricsPage page;
    for (const ports::MetricSource* source : sources) source->collect(page);
    return {200, std::string(kPageType), page.text(), {}};
  };
  return {net::Route(net::Method::Get, "/metrics", access::Permission::ReadMetrics, answer)};
}

}  // namespace slipway::telemetry_prometheus
