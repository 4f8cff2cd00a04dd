// Preloaded into the server by rollout_outages_test.py: sets its time of day ahead (or behind) by the seconds that
// stand in the eight bytes of the file SET_CLOCK, which may change while it runs. The monotonic clock goes as it goes.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

namespace {

using GetTime = int (*)(clockid_t, timespec*);
GetTime real_time = nullptr;
std::atomic<std::int64_t>* ahead = nullptr;

__attribute__((constructor)) void start() {
  real_time = reinterpret_cast<GetTime>(dlsym(RTLD_NEXT, "clock_gettime"));
  const char* path = std::getenv("SET_CLOCK");
  const int file = path ? ::open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void* const page = ::mmap(nullptr, sizeof *ahead, PROT_READ, MAP_SHARED, file, 0);
  ::close(file);
  if (page != MAP_FAILED) ahead = static_cast<std::atomic<std::int64_t>*>(page);
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept {
  if (real_time == nullptr) real_time = reinterpret_cast<GetTime>(dlsym(RTLD_NEXT, "clock_gettime"));
  const int status = real_time(clock, now);
  if (status == 0 && clock == CLOCK_REALTIME && ahead != nullptr) now->tv_sec += ahead->load(std::memory_order_relaxed);
  return status;
}
