#include "adapter/triton_repository/repository_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

#include "base/text.h"

namespace slipway::triton_repository {
namespace {

Error file_error(std::string_view shown, int number) {
  const std::string text = printable(shown, 200) + ": " + std::strerror(number);
  return number == ENOENT || number == ENOTDIR ? not_found(text) : unavailable(text);
}

// One name, as a folder of the repository has it.
bool is_plain_name(std::string_view name) {
  return !name.empty() && !name.starts_with('.') && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

Result<std::vector<std::string>> names_in(const std::string& path, std::string_view shown, std::size_t most) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), ::closedir);
  if (!folder) return file_error(shown, errno);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(folder.get())) {
    if (!is_plain_name(entry->d_name)) continue;
    if (names.size() == most) {
      return invalid_input(printable(shown, 200) + ": expected at most " + std::to_string(most) +
                           " entries, found more");
    }
    names.emplace_back(entry->d_name);
  }
  if (errno != 0) return file_error(shown, errno);
  std::ranges::sort(names);
  return names;
}

WallTime wall_time(const timespec& time) {
  return WallTime(std::chrono::duration_cast<WallTime::duration>(std::chrono::seconds(time.tv_sec) +
                                                                 std::chrono::nanoseconds(time.tv_nsec)));
}

Digest stamp_of(std::string_view path, const struct stat& status) {
  const std::array<std::int64_t, 7> numbers = {static_cast<std::int64_t>(status.st_size),
                                               static_cast<std::int64_t>(status.st_ino),
                                               static_cast<std::int64_t>(status.st_dev),
                                               status.st_mtim.tv_sec,
                                               status.st_mtim.tv_nsec,
                                               status.st_ctim.tv_sec,
                                               status.st_ctim.tv_nsec};
  Sha256 hash;
  hash.update(as_bytes(path));
  hash.update(std::as_bytes(std::span(numbers)));
  return hash.finish();
}

}  // namespace

bool is_plain_path(std::string_view path) {
  while (true) {
    const std::size_t slash = path.find('/');
    if (!is_plain_name(path.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

RepositoryFile::RepositoryFile(RepositoryFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
RepositoryFile::~RepositoryFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::size_t> RepositoryFile::read(MutableByteSpan into) const {
  while (true) {
    const ssize_t got = ::read(descriptor_, into.data(), into.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return unavailable(std::string("cannot be read: ") + std::strerror(errno));
  }
}

Result<Digest> RepositoryFile::stamp(std::string_view path) const {
  struct stat status{};
  if (::fstat(descriptor_, &status) != 0) return file_error(path, errno);
  return stamp_of(path, status);
}

const FolderFile* ModelFolder::find(std::string_view path) const {
  const auto at = std::ranges::find(files, path, &FolderFile::path);
  return at == files.end() ? nullptr : &*at;
}

struct RepositoryFolder::Walk {
  ModelFolder found;
  std::size_t prefix = 0;  // of the model's folder in a path
};

Result<RepositoryFolder> RepositoryFolder::open(const std::string& path, const FolderLimits& limits) {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  if (!real) return file_error(path, errno);
  struct stat status{};
  if (::stat(real.get(), &status) != 0) return file_error(path, errno);
  if (!S_ISDIR(status.st_mode)) return invalid_input(printable(path, 200) + ": expected a folder of models");
  return RepositoryFolder(real.get(), limits);
}

// Where `path` leads to; only if that is inside the repository.
Result<std::string> RepositoryFolder::real_path(const std::string& path, std::string_view shown) const {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  if (!real) return file_error(shown, errno);
  std::string found = real.get();
  const bool inside =
      root_ == "/" || (found.starts_with(root_) && found.size() > root_.size() && found[root_.size()] == '/');
  if (!inside)
    return invalid_input(printable(shown, 200) + ": expected a file of the repository, found a link that leaves it");
  return found;
}

Result<std::vector<std::string>> RepositoryFolder::models() const {
  std::vector<std::string> models;
  for (std::string& name : TRY(names_in(root_, "the model repository", limits_.models * 4))) {
    struct stat status{};
    if (::stat((root_ + "/" + name).c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) continue;
    if (models.size() == limits_.models) {
      return invalid_input("the model repository: expected at most " + std::to_string(limits_.models) +
                           " models, found more");
    }
    models.push_back(std::move(name));
  }
  return models;
}

bool RepositoryFolder::has(std::string_view name) const {
  struct stat status{};
  return is_plain_name(name) && ::stat((root_ + "/" + std::string(name)).c_str(), &status) == 0 &&
         S_ISDIR(status.st_mode);
}

Result<ModelFolder> RepositoryFolder::model(std::string_view name) const {
  if (!has(name)) return not_found("the model repository has no folder \"" + printable(name) + "\"");
  Walk all;
  all.found.name = name;
  const std::string path = root_ + "/" + std::string(name);
  all.prefix = path.size() + 1;
  TRY(walk(all, path, 0));
  Sha256 hash;
  for (const FolderFile& file : all.found.files) hash.update(as_bytes(file.stamp.hex()));
  for (const std::string& directory : all.found.directories) hash.update(as_bytes(directory + "/"));
  all.found.stamp = hash.finish();
  return std::move(all.found);
}

Result<void> RepositoryFolder::walk(Walk& walk, const std::string& path, std::size_t depth) const {
  const std::string_view shown = std::string_view(path).substr(root_.size() + (root_ == "/" ? 0 : 1));
  if (depth == limits_.depth) {
    return invalid_input(printable(shown, 200) + ": expected at most " + std::to_string(depth) +
                         " levels of folders, found more");
  }
  TRY(real_path(path, shown));
  for (const std::string& name : TRY(names_in(path, shown, limits_.files))) {
    const std::string entry = path + "/" + name;
    const std::string entry_shown = std::string(shown) + "/" + name;
    TRY(real_path(entry, entry_shown));
    struct stat status{};
    if (::stat(entry.c_str(), &status) != 0) return file_error(entry_shown, errno);
    walk.found.newest_change = std::max(walk.found.newest_change, wall_time(status.st_ctim));
    if (S_ISDIR(status.st_mode)) {
      if (depth == 0) walk.found.directories.push_back(name);
      TRY(this->walk(walk, entry, depth + 1));
      continue;
    }
    if (!S_ISREG(status.st_mode)) return invalid_input(printable(entry_shown, 200) + ": expected a regular file");
    if (walk.found.files.size() == limits_.files) {
      return invalid_input(printable(walk.found.name) + ": expected at most " + std::to_string(limits_.files) +
                           " files, found more");
    }
    std::string relative = entry.substr(walk.prefix);
    const Digest stamp = stamp_of(relative, status);
    walk.found.files.push_back({std::move(relative), static_cast<std::uint64_t>(status.st_size), stamp});
  }
  return {};
}

Result<RepositoryFile> RepositoryFolder::file(std::string_view model, std::string_view path) const {
  const std::string shown = std::string(model) + "/" + std::string(path);
  if (!is_plain_name(model) || !is_plain_path(path)) {
    return invalid_input("expected a path below the model's folder, found \"" + printable(path) + "\"");
  }
  const std::string real = TRY(real_path(root_ + "/" + shown, shown));
  // Without links on the way: what is swapped for one meanwhile does not open.
  const int descriptor = ::open(real.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) return file_error(shown, errno);
  RepositoryFile file(descriptor);
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) return file_error(shown, errno);
  if (!S_ISREG(status.st_mode)) return invalid_input(printable(shown, 200) + ": expected a regular file");
  std::array<char, PATH_MAX> now{};
  const ssize_t length = ::readlink(("/proc/self/fd/" + std::to_string(descriptor)).c_str(), now.data(), now.size());
  if (length <= 0 || std::string_view(now.data(), static_cast<std::size_t>(length)) != real) {
    return conflict(printable(shown, 200) + " was moved while it was opened");
  }
  return file;
}

Result<std::string> RepositoryFolder::text(const ModelFolder& folder, std::string_view path, std::size_t limit) const {
  const RepositoryFile source = TRY(file(folder.name, path));
  std::string text(limit + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const std::size_t got = TRY(source.read(std::as_writable_bytes(std::span(text).subspan(size))));
    if (got == 0) break;
    size += got;
  }
  if (size > limit) {
    return invalid_input(printable(path) + ": expected at most " + std::to_string(limit) + " bytes, found more");
  }
  text.resize(size);
  const FolderFile* found = folder.find(path);
  if (found == nullptr || TRY(source.stamp(path)) != found->stamp) {
    return conflict(printable(path) + " changed while it was read");
  }
  return text;
}

}  // namespace slipway::triton_repository
