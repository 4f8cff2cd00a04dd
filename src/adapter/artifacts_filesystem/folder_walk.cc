#include "adapter/artifacts_filesystem/folder_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace slipway::artifacts_filesystem {

Result<std::vector<std::string>> names_in(const Descriptor& folder, const std::string& shown) {
  // A description of its own: readdir moves the position, and `folder` is shared between threads.
  const int own = ::openat(folder.fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (own < 0) return system_error("cannot list folder", shown);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(own), &::closedir);  // owns `own` from here
  if (!stream) {
    const Error failure = system_error("cannot list folder", shown);
    ::close(own);
    return failure;
  }
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
    errno = 0;
  }
  if (errno != 0) return system_error("cannot list folder", shown);
  std::ranges::sort(names);
  return names;
}

}  // namespace slipway::artifacts_filesystem
