#include "adapter/artifacts_filesystem/folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace slipway::artifacts_filesystem {

Error system_error(const std::string& doing, const std::string& shown) {
  const int reason = errno;
  const std::string text = doing + " " + shown + ": " + std::generic_category().message(reason);
  // EFBIG and EDQUOT are the same to the user as a full disk: this content does not fit.
  if (reason == ENOSPC || reason == EDQUOT || reason == EFBIG) return overloaded("no space left: " + text);
  if (reason == ENOENT) return not_found(text);
  return unavailable(text);
}

Result<Descriptor> open_folder(int parent, const std::string& name, const std::string& shown) {
  Descriptor folder(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) return system_error("cannot open folder", shown);
  return folder;
}

Result<Descriptor> ensure_folder(int parent, const std::string& name, const std::string& shown) {
  if (::mkdirat(parent, name.c_str(), 0700) != 0 && errno != EEXIST) return system_error("cannot create folder", shown);
  return open_folder(parent, name, shown);
}

}  // namespace slipway::artifacts_filesystem
