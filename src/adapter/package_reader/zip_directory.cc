#include "adapter/package_reader/zip_directory.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace slipway::package_reader {
namespace {

constexpr std::size_t kEndRecord = 22;    // without the comment
constexpr std::size_t kEndRecord64 = 56;  // without an extensible part, which nobody writes
constexpr std::size_t kLocator64 = 20;
constexpr std::size_t kLongestEnd = kLocator64 + kEndRecord + 65'535;
constexpr std::size_t kEntryRecord = 46;  // without name, extra field and comment
constexpr std::uint64_t kLargestDirectory = 64 << 20;

struct Directory {
  std::uint64_t offset;
  std::uint64_t size;
};

std::uint64_t number_at(ByteSpan bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= static_cast<std::uint64_t>(bytes[at + i]) << (8 * i);
  return value;
}

Error unreadable(std::string_view why) {
  return invalid_input("the zip cannot be read: " + std::string(why));
}

// `end`: where what must follow the directory begins.
Result<Directory> check_directory(const Directory& directory, std::uint64_t end) {
  if (directory.size > end || directory.offset != end - directory.size) {
    return unreadable("its directory is not where its end says");
  }
  if (directory.size > kLargestDirectory) return unreadable("its directory is larger than 64MiB");
  return directory;
}

Result<std::vector<std::byte>> read_range(UploadFile& file, std::uint64_t offset, std::uint64_t size) {
  std::vector<std::byte> bytes(size);
  file.seek(offset);
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const std::size_t got = TRY(file.read(MutableByteSpan(bytes).subspan(filled)));
    if (got == 0) return unreadable("it became shorter");
    filled += got;
  }
  file.seek(0);
  return bytes;
}

// The end of a zip64: a record of 64-bit numbers right after the directory, then a locator that says where it is, then
// the old end at `end`. Numbers of the old end are not looked at: libarchive goes by the locator whenever there is one.
Result<Directory> read_end64(UploadFile& file, ByteSpan locator, std::uint64_t end) {
  constexpr std::string_view kMoved = "the record of its end is not where its locator says";
  if (number_at(locator, 4, 4) != 0 || number_at(locator, 16, 4) != 1) return unreadable("it has several volumes");
  const std::uint64_t position = number_at(locator, 8, 8);
  if (end < kEndRecord64 + kLocator64 || position != end - kLocator64 - kEndRecord64) return unreadable(kMoved);
  const auto record = TRY(read_range(file, position, kEndRecord64));
  // Its own size counts neither its signature nor itself.
  if (number_at(record, 0, 4) != 0x06064b50 || number_at(record, 4, 8) != kEndRecord64 - 12) return unreadable(kMoved);
  if (number_at(record, 16, 4) != 0 || number_at(record, 20, 4) != 0) return unreadable("it has several volumes");
  return check_directory({number_at(record, 48, 8), number_at(record, 40, 8)}, position);
}

Result<Directory> read_end(UploadFile& file, ByteSpan tail, std::size_t at, std::uint64_t position) {
  // The last signature counts: an earlier one would make this one a part of its comment.
  if (at + kEndRecord + number_at(tail, at + 20, 2) != tail.size()) return unreadable("other bytes follow its end");
  if (number_at(tail, at + 4, 2) != 0) return unreadable("it has several volumes");
  if (at >= kLocator64 && number_at(tail, at - kLocator64, 4) == 0x07064b50) {
    return read_end64(file, tail.subspan(at - kLocator64, kLocator64), position);
  }
  const Directory directory{number_at(tail, at + 16, 4), number_at(tail, at + 12, 4)};
  if (directory.offset == UINT32_MAX || directory.size == UINT32_MAX || number_at(tail, at + 10, 2) == UINT16_MAX) {
    return unreadable("it is a zip64 without the record of its end");
  }
  return check_directory(directory, position);
}

Result<Directory> find_directory(UploadFile& file) {
  const std::uint64_t size = std::min<std::uint64_t>(file.size(), kLongestEnd);
  const auto tail = TRY(read_range(file, file.size() - size, size));
  for (std::size_t at = tail.size() >= kEndRecord ? tail.size() - kEndRecord + 1 : 0; at-- > 0;) {
    if (number_at(tail, at, 4) == 0x06054b50) return read_end(file, tail, at, file.size() - size + at);
  }
  return unreadable("it is cut off or followed by other bytes");
}

// A FIFO by the attributes that a UNIX wrote: libarchive would hand it on as a regular file.
bool is_fifo(ByteSpan entry) {
  constexpr std::uint64_t kUnix = 3, kTypes = 0170000, kFifo = 0010000;
  return number_at(entry, 4, 2) >> 8 == kUnix && (number_at(entry, 38, 4) >> 16 & kTypes) == kFifo;
}

Result<void> check_entries(ByteSpan directory) {
  while (!directory.empty()) {
    if (directory.size() < kEntryRecord || number_at(directory, 0, 4) != 0x02014b50) {
      return unreadable("its directory is damaged");
    }
    const std::size_t name_size = number_at(directory, 28, 2);
    const std::size_t size = kEntryRecord + name_size + number_at(directory, 30, 2) + number_at(directory, 32, 2);
    if (size > directory.size()) return unreadable("its directory is damaged");
    const std::string_view name = as_text(directory.subspan(kEntryRecord, name_size));
    if (name.find('\0') != std::string_view::npos || name.find('\\') != std::string_view::npos) {
      return invalid_input("the path \"" + printable(name) +
                           "\" has a NUL or a backslash; folders are separated by '/'");
    }
    if (is_fifo(directory)) {
      return invalid_input("\"" + printable(name) + "\" is a FIFO; a package holds regular files and folders only");
    }
    directory = directory.subspan(size);
  }
  return {};
}

}  // namespace

Result<void> check_zip_directory(UploadFile& file) {
  const Directory directory = TRY(find_directory(file));
  const auto bytes = TRY(read_range(file, directory.offset, directory.size));
  return check_entries(bytes);
}

}  // namespace slipway::package_reader
