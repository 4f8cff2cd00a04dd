#include "adapter/triton_repository/staged_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "adapter/triton_repository/repository_folder.h"
#include "base/text.h"

namespace slipway::triton_repository {
namespace {

constexpr std::size_t kLongestPath = 1024;

Error disk_error(const std::string& doing, int number) {
  const std::string text = doing + ": " + std::strerror(number);
  return number == ENOSPC || number == EDQUOT ? overloaded("the disk is full: " + text) : unavailable(text);
}

Result<void> write_file(const std::filesystem::path& path, const ports::RepositoryOverrides::File& file) {
  const std::string shown = "file:" + printable(file.path);
  std::error_code failure;
  std::filesystem::create_directories(path.parent_path(), failure);
  if (failure) return disk_error(shown, failure.value());
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0 && errno == EEXIST) return invalid_input(shown + ": the file is there twice");
  if (descriptor < 0) return disk_error(shown, errno);
  std::string_view rest = file.content;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const Error error = disk_error(shown, errno);
      ::close(descriptor);
      return error;
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::close(descriptor) != 0) return disk_error(shown, errno);
  return {};
}

}  // namespace

Result<StagedFolder> StagedFolder::create(const std::string& below, const std::string& model,
                                          const std::vector<ports::RepositoryOverrides::File>& files) {
  std::string path = below + "/load-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return disk_error("making a folder for the files of a load", errno);
  StagedFolder folder(std::move(path));
  for (const auto& file : files) {
    if (!is_plain_path(file.path) || file.path.size() > kLongestPath) {
      return invalid_input("file:" + printable(file.path) + ": expected a path below the model's folder");
    }
    TRY(write_file(std::filesystem::path(folder.path_) / model / file.path, file));
  }
  return folder;
}

StagedFolder::StagedFolder(StagedFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

StagedFolder::~StagedFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace slipway::triton_repository
