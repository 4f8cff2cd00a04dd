#include "adapter/artifacts_filesystem/folder_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "adapter/artifacts_filesystem/artifact_file.h"

namespace slipway::artifacts_filesystem {
namespace {

bool is_fan_out(const std::string& name) {
  return name.size() == 2 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

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

Result<std::vector<Digest>> digests_in(const Descriptor& root, const std::string& shown) {
  std::vector<Digest> digests;
  for (const std::string& first : TRY(names_in(root, shown))) {
    if (!is_fan_out(first)) continue;
    const Descriptor outer = TRY(open_folder(root.fd(), first, shown + "/" + first));
    for (const std::string& second : TRY(names_in(outer, shown + "/" + first))) {
      if (!is_fan_out(second)) continue;
      const std::string below = shown + "/" + first + "/" + second;
      const Descriptor inner = TRY(open_folder(outer.fd(), second, below));
      for (const std::string& name : TRY(names_in(inner, below))) {
        const auto digest = parse_digest(name);
        if (digest && Place(*digest).path() == first + "/" + second + "/" + name) digests.push_back(*digest);
      }
    }
  }
  return digests;
}

}  // namespace slipway::artifacts_filesystem
