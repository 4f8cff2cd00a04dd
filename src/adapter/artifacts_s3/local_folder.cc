#include "adapter/artifacts_s3/local_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace slipway::artifacts_s3 {
namespace {

constexpr const char* kIncoming = "/incoming";
constexpr const char* kCopies = "/copies";

Result<void> ensure_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return file_error("cannot create " + path);
}

// All of a regular file; none if it is another thing or too large.
std::optional<std::vector<std::byte>> content_of(const std::string& path, Bytes most) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status{};
  if (!file || ::fstat(file.fd(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  if (static_cast<std::uint64_t>(status.st_size) > most.count) return std::nullopt;
  std::vector<std::byte> content(static_cast<std::size_t>(status.st_size));
  std::size_t have = 0;
  while (have < content.size()) {
    const ssize_t got = ::read(file.fd(), content.data() + have, content.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    have += static_cast<std::size_t>(got);
  }
  return content;
}

}  // namespace

Error file_error(const std::string& doing) {
  const int reason = errno;
  std::string text = doing + ": " + std::generic_category().message(reason);
  const bool is_full = reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
  return is_full ? overloaded(std::move(text)) : unavailable(std::move(text));
}

SpooledFile::~SpooledFile() {
  if (!path_.empty()) ::unlink(path_.c_str());  // gone already when it was kept
}

Result<void> SpooledFile::write(ByteSpan bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_.fd(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return file_error("cannot write an artifact to " + path_);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    size_ += static_cast<std::uint64_t>(written);
  }
  return {};
}

Result<Descriptor> SpooledFile::open_to_read() const {
  Descriptor file(::open(path_.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file) return file_error("cannot open " + path_);
  return file;
}

Result<std::vector<std::byte>> SpooledFile::read(const Digest& digest, Bytes limit) const {
  if (size_ > limit.count) {
    return invalid_input("artifact sha256:" + digest.hex() + ": expected at most " + to_string(limit) + ", found " +
                         std::to_string(size_) + " bytes");
  }
  auto content = content_of(path_, limit);
  if (!content || sha256(*content) != digest) {
    return corrupt(path_ + ": expected content of SHA-256 " + digest.hex() + ", found other bytes");
  }
  return *std::move(content);
}

Result<std::unique_ptr<LocalFolder>> LocalFolder::open(const std::string& path, Bytes limit) {
  std::unique_ptr<LocalFolder> folder(new LocalFolder(path, limit));  // the constructor is private
  TRY(folder->prepare());
  return folder;
}

Result<void> LocalFolder::prepare() {
  namespace fs = std::filesystem;
  for (const std::string& each : {path_, path_ + kIncoming, path_ + kCopies}) TRY(ensure_folder(each));
  struct Found {
    fs::file_time_type stored;
    Digest digest;
    std::uint64_t size;
  };
  std::vector<Found> found;
  try {
    for (const auto& entry : fs::directory_iterator(path_ + kIncoming)) fs::remove(entry.path());
    for (const auto& entry : fs::directory_iterator(path_ + kCopies)) {
      const auto digest = parse_digest(entry.path().filename().string());
      if (digest && entry.is_regular_file()) found.push_back({entry.last_write_time(), *digest, entry.file_size()});
    }
  } catch (const fs::filesystem_error& failure) {
    return unavailable("cannot prepare " + path_ + ": " + failure.code().message());
  }
  std::ranges::sort(found, {}, &Found::stored);
  auto copies = copies_.lock();
  for (const Found& one : found) enter(*copies, one.digest, one.size);
  return {};
}

std::string LocalFolder::copy_path(const Digest& digest) const {
  return path_ + kCopies + "/" + digest.hex();
}

Result<SpooledFile> LocalFolder::create() {
  std::array<std::byte, 16> random{};
  fill_random(random);
  std::string path = path_ + kIncoming + "/" + to_hex(random);
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return file_error("cannot create " + path);
  return SpooledFile(std::move(path), std::move(file));
}

std::optional<std::vector<std::byte>> LocalFolder::read(const Digest& digest, Bytes most) {
  {
    auto copies = copies_.lock();
    const auto found = copies->by_digest.find(digest);
    if (found == copies->by_digest.end() || found->second.size > most.count) return std::nullopt;
    copies->order.splice(copies->order.end(), copies->order, found->second.place);
  }
  auto content = content_of(copy_path(digest), most);
  if (content && sha256(*content) == digest) return content;
  forget(digest);
  return std::nullopt;
}

void LocalFolder::keep(const Digest& digest, const SpooledFile& file) {
  if (file.size() > limit_.count) return;
  auto copies = copies_.lock();
  drop(*copies, digest);
  if (std::rename(file.path().c_str(), copy_path(digest).c_str()) == 0) enter(*copies, digest, file.size());
}

void LocalFolder::keep(const Digest& digest, ByteSpan content) {
  if (content.size() > limit_.count) return;
  auto file = create();
  if (!file.ok() || !file->write(content).ok()) return;
  keep(digest, *file);
}

void LocalFolder::forget(const Digest& digest) {
  drop(*copies_.lock(), digest);
}

void LocalFolder::enter(Copies& copies, const Digest& digest, std::uint64_t size) {
  copies.order.push_back(digest);
  copies.by_digest.emplace(digest, Copies::Copy{size, std::prev(copies.order.end())});
  copies.total += size;
  while (copies.total > limit_.count) drop(copies, Digest(copies.order.front()));
}

void LocalFolder::drop(Copies& copies, const Digest& digest) {
  const auto found = copies.by_digest.find(digest);
  if (found == copies.by_digest.end()) return;
  ::unlink(copy_path(digest).c_str());
  copies.total -= found->second.size;
  copies.order.erase(found->second.place);
  copies.by_digest.erase(found);
}

}  // namespace slipway::artifacts_s3
