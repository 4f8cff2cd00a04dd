#include "adapter/api_admin/upload.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "adapter/api_admin/api_admin.h"
#include "base/text.h"

namespace slipway::api_admin {
namespace {

constexpr std::string_view kPrefix = "upload-";
constexpr std::size_t kPiece = 256 * 1024;

Error disk_error(const std::string& doing, int number) {
  const std::string text = doing + ": " + std::strerror(number);
  if (number == ENOSPC || number == EDQUOT) return overloaded("the disk is full: " + text);
  return unavailable(text);
}

}  // namespace

Result<void> prepare_uploads(const std::string& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return disk_error("making the folder " + folder, errno);
  DIR* entries = ::opendir(folder.c_str());
  if (!entries) return disk_error("opening the folder " + folder, errno);
  while (const dirent* entry = ::readdir(entries)) {
    if (std::string_view(entry->d_name).starts_with(kPrefix)) ::unlinkat(::dirfd(entries), entry->d_name, 0);
  }
  ::closedir(entries);
  return {};
}

Result<Upload> Upload::create(const std::string& folder) {
  std::array<std::byte, 16> name;
  fill_random(name);
  std::string path = folder + "/" + std::string(kPrefix) + to_hex(name);
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return disk_error("making a file for the upload", errno);
  return Upload(std::move(path), std::move(file));
}

Upload::~Upload() {
  if (file_) ::unlink(path_.c_str());
}

Result<void> Upload::write(ByteSpan bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_.fd(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return disk_error("writing the upload", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<Digest> Upload::receive(net::BlockingRequest& request) {
  std::vector<std::byte> piece(kPiece);
  Sha256 hash;
  while (true) {
    const std::size_t size = TRY(request.read_body(piece));
    if (size == 0) return hash.finish();
    const ByteSpan bytes = ByteSpan(piece).first(size);
    hash.update(bytes);
    TRY(write(bytes));
  }
}

}  // namespace slipway::api_admin
