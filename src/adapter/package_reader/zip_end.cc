#include "adapter/package_reader/zip_end.h"

#include <algorithm>
#include <vector>

namespace slipway::package_reader {
namespace {

constexpr std::size_t kRecord = 22;  // without the comment
constexpr std::size_t kLongestEnd = kRecord + 65'535;

std::uint64_t number_at(ByteSpan bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= static_cast<std::uint64_t>(bytes[at + i]) << (8 * i);
  return value;
}

}  // namespace

Result<void> check_zip_end(UploadFile& file) {
  std::vector<std::byte> tail(std::min<std::uint64_t>(file.size(), kLongestEnd));
  file.seek(file.size() - tail.size());
  std::size_t filled = 0;
  while (filled < tail.size()) {
    const std::size_t got = TRY(file.read(MutableByteSpan(tail).subspan(filled)));
    if (got == 0) return invalid_input("the upload became shorter while it was read");
    filled += got;
  }
  file.seek(0);
  for (std::size_t at = tail.size() >= kRecord ? tail.size() - kRecord + 1 : 0; at-- > 0;) {
    if (number_at(tail, at, 4) != 0x06054b50) continue;
    // The last signature counts: an earlier one would make this one a part of its comment.
    if (at + kRecord + number_at(tail, at + 20, 2) != tail.size()) {
      return invalid_input("the zip cannot be read: other bytes follow its end");
    }
    const std::uint64_t size = number_at(tail, at + 12, 4);
    const std::uint64_t offset = number_at(tail, at + 16, 4);
    const std::uint64_t end = file.size() - tail.size() + at;
    constexpr std::uint64_t kInZip64 = 0xFFFFFFFF;
    if (number_at(tail, at + 4, 2) != 0) return invalid_input("the zip cannot be read: it has several volumes");
    if (size != kInZip64 && offset != kInZip64 && offset + size != end && offset + size + 76 != end) {
      return invalid_input("the zip cannot be read: its directory is not where its end says");
    }
    return {};
  }
  return invalid_input("the zip cannot be read: it is cut off or followed by other bytes");
}

}  // namespace slipway::package_reader
