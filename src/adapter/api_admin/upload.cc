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

Upload::~Upload() {
  if (file_) ::unlink(path_.c_str());
}

Result<std::size_t> Upload::read(MutableByteSpan into) {
  if (has_ended_) return std::size_t{0};
  const std::size_t size = TRY(request_.read_body(into));
  has_ended_ = size == 0;
  if (!promised_) return size;
  if (!has_ended_) {
    hash_.update(into.first(size));
    return size;
  }
  const Digest found = hash_.finish();
  if (*promised_ == found) return size;
  return invalid_input("the upload was damaged on its way: expected SHA-256 " + promised_->hex() + ", found " +
                       found.hex());
}

Result<std::string> Upload::spool(ByteSpan seen) {
  TRY(create());
  TRY(write(seen));
  std::vector<std::byte> piece(kPiece);
  while (const std::size_t size = TRY(read(piece))) TRY(write(ByteSpan(piece).first(size)));
  return path_;
}

Result<void> Upload::drain() {
  std::vector<std::byte> piece(kPiece);
  while (TRY(read(piece)) != 0) continue;
  return {};
}

Result<void> Upload::create() {
  std::array<std::byte, 16> name;
  fill_random(name);
  path_ = folder_ + "/" + std::string(kPrefix) + to_hex(name);
  file_ = Descriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file_) return disk_error("making a file for the upload", errno);
  return {};
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

}  // namespace slipway::api_admin
