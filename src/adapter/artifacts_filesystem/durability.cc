#include "adapter/artifacts_filesystem/durability.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>
#include <thread>
#include <vector>

namespace slipway::artifacts_filesystem {
namespace {

constexpr std::size_t kAtOnce = 8;

}  // namespace

Result<void> make_durable(std::span<const Descriptor> descriptors, const std::string& shown) {
  std::atomic<std::size_t> next{0};
  std::atomic<int> failure{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < descriptors.size(); i = next++) {
      if (::fsync(descriptors[i].fd()) == 0) continue;
      int none = 0;
      failure.compare_exchange_strong(none, errno);
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < std::min(kAtOnce, descriptors.size()); ++i) {
      try {
        others.emplace_back(work);
        pthread_setname_np(others.back().native_handle(), "fsync");
      } catch (const std::system_error&) {
        break;  // no more threads to be had: those there are do it all
      }
    }
    work();
  }
  if (failure == 0) return {};
  errno = failure;
  return system_error("cannot make durable", shown);
}

}  // namespace slipway::artifacts_filesystem
