#include "adapter/package_reader/zip_directory.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace slipway::package_reader {
namespace {

constexpr std::size_t kEndRecord = 22;  // without the comment
constexpr std::size_t kLongestEnd = kEndRecord + 65'535;
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

Result<Directory> read_end(ByteSpan tail, std::size_t at, std::uint64_t position) {
  // The last signature counts: an earlier one would make this one a part of its comment.
  if (at + kEndRecord + number_at(tail, at + 20, 2) != tail.size()) return unreadable("other bytes follow its end");
  const Directory directory{number_at(tail, at + 16, 4), number_at(tail, at + 12, 4)};
  if (directory.offset == UINT32_MAX || directory.size == UINT32_MAX || number_at(tail, at + 10, 2) == UINT16_MAX) {
    return unreadable("it is a zip64, for more than 4GiB; pack a .tar.zst or .tar.gz instead");
  }
  if (number_at(tail, at + 4, 2) != 0) return unreadable("it has several volumes");
  if (directory.offset + directory.size != position) return unreadable("its directory is not where its end says");
  if (directory.size > kLargestDirectory) return unreadable("its directory is larger than 64MiB");
  return directory;
}

Result<Directory> find_directory(UploadFile& file) {
  const std::uint64_t size = std::min<std::uint64_t>(file.size(), kLongestEnd);
  const auto tail = TRY(read_range(file, file.size() - size, size));
  for (std::size_t at = tail.size() >= kEndRecord ? tail.size() - kEndRecord + 1 : 0; at-- > 0;) {
    if (number_at(tail, at, 4) == 0x06054b50) return read_end(tail, at, file.size() - size + at);
  }
  return unreadable("it is cut off or followed by other bytes");
}

Result<void> check_names(ByteSpan directory) {
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
    directory = directory.subspan(size);
  }
  return {};
}

}  // namespace

Result<void> check_zip_directory(UploadFile& file) {
  const Directory directory = TRY(find_directory(file));
  const auto bytes = TRY(read_range(file, directory.offset, directory.size));
  return check_names(bytes);
}

}  // namespace slipway::package_reader
