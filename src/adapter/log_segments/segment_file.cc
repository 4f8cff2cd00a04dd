#include "adapter/log_segments/segment_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "adapter/log_segments/frame_batch.h"
#include "adapter/log_segments/packed_predictions.h"

namespace slipway::log_segments {
namespace {

std::string path_of(const std::string& folder, std::uint64_t number) {
  char name[32];
  std::snprintf(name, sizeof name, "/%016llx", static_cast<unsigned long long>(number));
  return folder + name;
}

Error failed(const std::string& what, const std::string& path) {
  return unavailable("prediction log: " + path + " cannot be " + what + ": " + std::strerror(errno));
}

std::string start_of_segment() {
  std::string head(kMagic);
  head.resize(kHeadSize, '\0');
  return head;
}

}  // namespace

Result<void> write_all(int file, std::string_view bytes, const std::string& shown) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(file, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return failed("written", shown);
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

Result<SegmentFile> SegmentFile::create(const std::string& folder, std::uint64_t number) {
  SegmentFile made;
  made.number_ = number;
  made.path_ = path_of(folder, number);
  const std::string path = made.path_ + ".log";
  made.file_ = Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600));
  if (!made.file_ && errno == EEXIST) return conflict(path + " is there already");
  if (!made.file_) return failed("created", path);
  // Before it has a head, without which nobody reads it.
  if (::flock(made.file_.fd(), LOCK_EX | LOCK_NB) != 0) {
    Error error = failed("locked", path);
    ::unlink(path.c_str());
    return error;
  }
  made.is_ours_ = true;
  if (auto began = write_all(made.file_.fd(), start_of_segment(), path); !began) {
    ::unlink(path.c_str());
    return std::move(began).error();
  }
  made.size_ = kHeadSize;
  return made;
}

Result<SegmentFile> SegmentFile::open(const std::string& folder, std::uint64_t number, ModelNames& names) {
  SegmentFile made;
  made.number_ = number;
  made.path_ = path_of(folder, number);
  const std::string path = made.path_ + ".log";
  made.file_ = Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (!made.file_ || ::fstat(made.file_.fd(), &status) != 0) return failed("opened", path);
  made.size_ = static_cast<std::uint64_t>(status.st_size);
  if (made.size_ < kHeadSize) return not_ready("prediction log: " + path + " is not begun");
  const auto head = made.bytes_at(0, kHeadSize);
  if (!head || *head != start_of_segment()) {
    return corrupt("prediction log: " + path + ": expected a segment, which begins with " + std::string(kMagic));
  }
  if (auto index = SegmentIndex::map(made.path_ + ".index", made.size_, names); index.ok()) {
    made.index_ = *std::move(index);
    made.is_sealed_ = true;
    return made;
  }
  made.size_ = kHeadSize;
  made.may_grow_ = true;
  TRY(made.catch_up(names));
  return made;
}

SegmentFile SegmentFile::left_out(const std::string& folder, std::uint64_t number) {
  SegmentFile made;
  made.number_ = number;
  made.path_ = path_of(folder, number);
  made.is_sealed_ = true;
  struct stat status{};
  if (::stat((made.path_ + ".log").c_str(), &status) == 0) made.size_ = static_cast<std::uint64_t>(status.st_size);
  return made;
}

Result<void> SegmentFile::append(std::string_view frames, std::span<const SegmentIndex::Entry> entries) {
  if (auto wrote = write_all(file_.fd(), frames, path_ + ".log"); !wrote) {
    // Half a frame would hide what comes after it.
    if (::ftruncate(file_.fd(), static_cast<off_t>(size_)) != 0) is_sealed_ = true;
    return wrote;
  }
  for (const auto& entry : entries) index_.add(entry.hash, entry.kind, size_ + entry.place);
  size_ += frames.size();
  return {};
}

bool SegmentFile::is_held() {
  if (is_ours_) return true;
  if (!may_grow_ || !file_) return false;
  if (::flock(file_.fd(), LOCK_SH | LOCK_NB) != 0) return true;
  ::flock(file_.fd(), LOCK_UN);
  may_grow_ = false;
  return false;
}

Result<bool> SegmentFile::is_damaged_at(std::uint64_t offset) const {
  struct stat status{};
  if (!file_) return offset < size_;
  if (::fstat(file_.fd(), &status) != 0) return failed("looked at", path_ + ".log");
  const auto end = static_cast<std::uint64_t>(status.st_size);
  if (offset >= end) return false;
  if (is_sealed_) return true;  // it was whole once
  if (end - offset < kFrameHead) return false;
  std::uint32_t size = 0;
  const std::string head = TRY(bytes_at(offset, kFrameHead));
  std::memcpy(&size, head.data() + 2 * sizeof size, sizeof size);
  if (size <= kLargestFrame && size > end - offset - kFrameHead) return false;
  // Another process may have written it since there was none.
  std::string buffer;
  return !TRY(frame_at(offset, buffer)).has_value();
}

Result<void> SegmentFile::seal(const ModelNames& names) {
  is_sealed_ = true;
  if (std::exchange(is_ours_, false)) ::flock(file_.fd(), LOCK_UN);
  struct stat status{};
  const bool is_gone = ::fstat(file_.fd(), &status) == 0 && status.st_nlink == 0;
  if (is_gone) return {};  // another process found it too old
  if (::fdatasync(file_.fd()) != 0) return failed("written to the disk", path_ + ".log");
  return index_.seal(path_ + ".index", size_, names);
}

Result<void> SegmentFile::catch_up(ModelNames& names) {
  if (is_sealed_) return {};
  std::string buffer;
  while (const auto frame = TRY(frame_at(size_, buffer))) {
    if (auto took = take(*frame, size_, names); !took) {
      is_sealed_ = true;  // a frame that this program does not know ends it
      return took;
    }
    size_ += kFrameHead + frame->payload.size();
  }
  return {};
}

Result<void> SegmentFile::take(const Frame& frame, std::uint64_t offset, ModelNames& names) {
  if (frame.kind == FrameKind::Names) return read_names(frame.payload, names);
  std::vector<SegmentIndex::Entry> entries;
  if (frame.kind == FrameKind::Predictions) {
    for (const auto& record : TRY(unpack(frame.payload, frame.records))) add_entries(record, 0, entries);
  } else {
    for (const auto& record : TRY(read_outcomes(frame.payload))) add_entries(record, 0, entries);
  }
  for (const auto& entry : entries) index_.add(entry.hash, entry.kind, offset);
  return {};
}

Result<std::optional<Frame>> SegmentFile::frame_at(std::uint64_t offset, std::string& buffer) const {
  if (!file_) return std::optional<Frame>();
  const auto fill = [&](std::size_t from, std::size_t to) -> Result<bool> {
    buffer.resize(to);
    while (from < to) {
      const ssize_t got = ::pread(file_.fd(), buffer.data() + from, to - from, static_cast<off_t>(offset + from));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return failed("read", path_ + ".log");
      if (got == 0) return false;
      from += static_cast<std::size_t>(got);
    }
    return true;
  };
  if (!TRY(fill(0, kFrameHead))) return std::optional<Frame>();
  std::uint32_t size = 0;
  std::memcpy(&size, buffer.data() + 2 * sizeof size, sizeof size);
  if (size > kLargestFrame || !TRY(fill(kFrameHead, kFrameHead + size))) return std::optional<Frame>();
  return read_frame(buffer);
}

Result<std::string> SegmentFile::bytes_at(std::uint64_t offset, std::size_t count) const {
  std::string bytes(count, '\0');
  const ssize_t got = ::pread(file_.fd(), bytes.data(), count, static_cast<off_t>(offset));
  if (got < 0) return failed("read", path_ + ".log");
  if (static_cast<std::size_t>(got) == count) return bytes;
  return corrupt("prediction log: " + path_ + ".log: expected " + std::to_string(count) + " bytes at " +
                 std::to_string(offset) + ", found " + std::to_string(got));
}

void SegmentFile::remove() {
  ::unlink((path_ + ".index.new").c_str());
  ::unlink((path_ + ".index").c_str());
  ::unlink((path_ + ".log").c_str());
}

Result<WallTime> SegmentFile::changed_at() const {
  struct stat status{};
  const std::string path = path_ + ".log";
  const int looked = file_ ? ::fstat(file_.fd(), &status) : ::stat(path.c_str(), &status);
  if (looked != 0) return failed("looked at", path);
  return WallTime(std::chrono::seconds(status.st_mtim.tv_sec) +
                  std::chrono::microseconds(status.st_mtim.tv_nsec / 1000));
}

}  // namespace slipway::log_segments
