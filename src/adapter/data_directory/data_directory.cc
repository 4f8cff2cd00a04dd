#include "adapter/data_directory/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace slipway::data_directory {
namespace {

constexpr char kLockFile[] = "lock";

std::string reason_of(int number) {
  return std::generic_category().message(number);
}

Error failed(const std::string& doing, const std::string& path) {
  const int reason = errno;
  const std::string text = doing + " " + path + ": " + reason_of(reason);
  if (reason == ENOSPC || reason == EDQUOT) return overloaded("no space left: " + text);
  if (reason == EROFS || reason == EACCES || reason == EPERM) {
    return unavailable(text + " (the data directory must be writable by the user that runs the server)");
  }
  return unavailable(text);
}

// mkdir -p, 0700 for what it creates.
Result<void> create_folders(const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) {
      const int reason = errno;
      struct stat status{};
      // On a read-only file system mkdir may complain before it sees that the folder is there.
      if (::stat(part.c_str(), &status) != 0) {
        errno = reason;
        return failed("cannot create the data directory", part);
      }
    }
    if (end == std::string::npos) return {};
  }
}

Result<void> protect(int folder, const std::string& path) {
  struct stat status{};
  if (::fstat(folder, &status) != 0) return failed("cannot inspect the data directory", path);
  if (status.st_uid != ::geteuid()) {
    return unavailable("the data directory " + path + " belongs to user " + std::to_string(status.st_uid) +
                       ", expected user " + std::to_string(::geteuid()) + ", which runs the server");
  }
  if ((status.st_mode & 0777) != 0700 && ::fchmod(folder, 0700) != 0) {
    return failed("cannot make private (0700) the data directory", path);
  }
  return {};
}

std::string holder_of(int lock) {
  std::array<char, 24> text{};
  const ssize_t length = ::pread(lock, text.data(), text.size() - 1, 0);
  const std::string pid(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  const std::size_t end = pid.find_first_not_of("0123456789");
  return end == 0 || pid.empty() ? "a process that did not write its number" : "process " + pid.substr(0, end);
}

Result<void> write_all(int file, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("cannot write", path);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// Takes the lock without waiting.
Result<void> take(int lock, const std::string& path) {
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failed("cannot lock", path + "/" + kLockFile);
    return conflict("the data directory " + path + " is in use by another server (" + holder_of(lock) +
                    "): stop that one, or choose another directory with --data");
  }
  return {};
}

Result<void> store(int folder, const std::string& name, const std::string& temporary, std::string_view text,
                   const std::string& path) {
  {
    const Descriptor file(
        ::openat(folder, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) return failed("cannot create", path + "/" + temporary);
    TRY(write_all(file.fd(), text, path + "/" + temporary));
    if (::fsync(file.fd()) != 0) return failed("cannot make durable", path + "/" + temporary);
  }
  if (::renameat(folder, temporary.c_str(), folder, name.c_str()) != 0 || ::fsync(folder) != 0) {
    return failed("cannot put in place", path + "/" + name);
  }
  return {};
}

}  // namespace

Result<DataDirectory> DataDirectory::open(const std::string& path) {
  if (path.empty()) return invalid_input("expected the path of a data directory, found an empty one");
  TRY(create_folders(path));
  Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return failed("cannot open the data directory", path);
  TRY(protect(folder.fd(), path));
  Descriptor lock(::openat(folder.fd(), kLockFile, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!lock) return failed("cannot write in the data directory", path);
  TRY(take(lock.fd(), path));
  DataDirectory directory(path, std::move(folder), std::move(lock));
  TRY(directory.claim());
  return directory;
}

Result<DataDirectory> DataDirectory::take_over(const std::string& path, int lock) {
  Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return failed("cannot open the data directory", path);
  TRY(protect(folder.fd(), path));
  struct stat ours{}, given{};
  if (::fstatat(folder.fd(), kLockFile, &ours, AT_SYMLINK_NOFOLLOW) != 0) return failed("cannot inspect", path);
  if (::fstat(lock, &given) != 0) return failed("cannot inspect the lock of", path);
  if (ours.st_dev != given.st_dev || ours.st_ino != given.st_ino) {
    return conflict("the server to take over from has another data directory than " + path +
                    ": stop it, then start this one");
  }
  Descriptor kept(::fcntl(lock, F_DUPFD_CLOEXEC, 0));
  if (!kept) return failed("cannot keep the lock of", path);
  TRY(take(kept.fd(), path));  // one lock, held by both
  return DataDirectory(path, std::move(folder), std::move(kept));
}

Result<void> DataDirectory::claim() {
  const std::string file = path_ + "/" + kLockFile;
  if (::ftruncate(lock_.fd(), 0) != 0 || ::lseek(lock_.fd(), 0, SEEK_SET) != 0) return failed("cannot write", file);
  return write_all(lock_.fd(), std::to_string(::getpid()) + "\n", file);
}

Result<void> DataDirectory::write_secret(std::string_view name, std::string_view text) {
  const std::string final_name(name);
  const std::string temporary = final_name + ".new";
  ::unlinkat(folder_.fd(), temporary.c_str(), 0);  // left by a process that was killed; the lock makes it ours
  auto stored = store(folder_.fd(), final_name, temporary, text, path_);
  if (!stored) ::unlinkat(folder_.fd(), temporary.c_str(), 0);
  return stored;
}

Result<std::optional<std::string>> DataDirectory::read(std::string_view name) const {
  constexpr std::size_t kLargest = 64 << 10;
  const std::string file_name(name);
  const Descriptor file(::openat(folder_.fd(), file_name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file && errno == ENOENT) return std::optional<std::string>();
  if (!file) return failed("cannot open", path_ + "/" + file_name);
  std::string text(kLargest + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.fd(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("cannot read", path_ + "/" + file_name);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kLargest) return invalid_input(path_ + "/" + file_name + ": expected at most 65536 bytes");
  text.resize(size);
  return std::optional(std::move(text));
}

Result<void> DataDirectory::append_line(std::string_view name, std::string_view line) {
  const std::string file_name(name);
  const std::string path = path_ + "/" + file_name;
  const Descriptor file(
      ::openat(folder_.fd(), file_name.c_str(), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return failed("cannot open", path);
  const off_t end = ::lseek(file.fd(), 0, SEEK_END);
  if (end < 0) return failed("cannot inspect", path);
  // A line that an earlier end cut off stays alone.
  char last = '\n';
  if (end > 0 && ::pread(file.fd(), &last, 1, end - 1) != 1) return failed("cannot read", path);
  if (auto written = write_all(file.fd(), (last == '\n' ? "" : "\n") + std::string(line) + "\n", path); !written) {
    if (::ftruncate(file.fd(), end) != 0) return failed("cannot take back half a line of", path);
    return written;
  }
  if (::fsync(file.fd()) != 0) return failed("cannot make durable", path);
  return {};
}

}  // namespace slipway::data_directory
