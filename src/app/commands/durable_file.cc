#include "app/commands/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

#include "base/descriptor.h"

namespace slipway::app {
namespace {

constexpr std::size_t kPiece = 1 << 20;

Error failed(const std::string& doing, const std::string& path) {
  const int reason = errno;
  const std::string text = doing + " " + path + ": " + std::generic_category().message(reason);
  if (reason == ENOSPC || reason == EDQUOT || reason == EFBIG) return overloaded("no space left: " + text);
  return reason == ENOENT ? not_found(text) : unavailable(text);
}

Result<void> write_all(int file, ByteSpan bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("cannot write", path);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

using Take = std::function<Result<void>(ByteSpan)>;

Result<void> read_all(const std::string& path, const Take& take) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file) return failed("cannot open", path);
  struct stat status{};
  if (::fstat(file.fd(), &status) != 0) return failed("cannot inspect", path);
  if (!S_ISREG(status.st_mode)) return corrupt(path + ": expected a regular file");
  std::vector<std::byte> piece(kPiece);
  while (true) {
    const ssize_t got = ::read(file.fd(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("cannot read", path);
    if (got == 0) return {};
    TRY(take(std::span(piece).first(static_cast<std::size_t>(got))));
  }
}

// How much of the text is whole lines.
std::size_t whole_lines(ByteSpan bytes) {
  std::size_t end = bytes.size();
  while (end > 0 && bytes[end - 1] != std::byte{'\n'}) --end;
  return end;
}

Descriptor create(const std::string& path) {
  return Descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
}

}  // namespace

Result<FileFacts> facts_of(const std::string& path) {
  FileFacts facts;
  Sha256 hash;
  TRY(read_all(path, [&](ByteSpan bytes) {
    facts.size += bytes.size();
    hash.update(bytes);
    return Result<void>();
  }));
  facts.digest = hash.finish();
  return facts;
}

Result<FileFacts> copy_file(const std::string& from, const std::string& to, Part part) {
  const Descriptor file = create(to);
  if (!file) return failed("cannot create", to);
  FileFacts facts;
  Sha256 hash;
  std::vector<std::byte> open_line;  // not written before its end is seen
  const auto put = [&](ByteSpan bytes) -> Result<void> {
    facts.size += bytes.size();
    hash.update(bytes);
    return write_all(file.fd(), bytes, to);
  };
  TRY(read_all(from, [&](ByteSpan bytes) -> Result<void> {
    if (part == Part::Everything) return put(bytes);
    const std::size_t end = whole_lines(bytes);
    if (end > 0) {
      TRY(put(open_line));
      open_line.clear();
      TRY(put(bytes.first(end)));
    }
    open_line.insert(open_line.end(), bytes.begin() + static_cast<std::ptrdiff_t>(end), bytes.end());
    if (open_line.size() > kPiece)
      return corrupt(from + ": expected lines of at most " + std::to_string(kPiece) + " bytes");
    return {};
  }));
  if (::fsync(file.fd()) != 0) return failed("cannot make durable", to);
  facts.digest = hash.finish();
  return facts;
}

Result<void> replace_file(const std::string& folder, const std::string& name, const std::string& text) {
  const std::string temporary = folder + "/" + name + ".new";
  ::unlink(temporary.c_str());  // left by a run that was killed
  {
    const Descriptor file = create(temporary);
    if (!file) return failed("cannot create", temporary);
    TRY(write_all(file.fd(), as_bytes(text), temporary));
    if (::fsync(file.fd()) != 0) return failed("cannot make durable", temporary);
  }
  if (::rename(temporary.c_str(), (folder + "/" + name).c_str()) != 0) return failed("cannot put in place", temporary);
  return settle_folder(folder);
}

Result<void> settle_folder(const std::string& folder) {
  const Descriptor open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!open || ::fsync(open.fd()) != 0) return failed("cannot make durable", folder);
  return {};
}

Result<void> settle_all(const std::string& folder) {
  const Descriptor open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!open || ::syncfs(open.fd()) != 0) return failed("cannot make durable", folder);
  return {};
}

Result<void> ensure_private_folder(const std::string& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failed("cannot create folder", folder);
  return {};
}

}  // namespace slipway::app
