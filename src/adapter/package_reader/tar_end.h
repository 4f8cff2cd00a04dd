// TarEnd: watches a tar's bytes go by, to tell a complete archive from one that is cut off or continued.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace slipway::package_reader {

// One thread. libarchive takes the end of the stream, and anything after one block of zeros, for the end.
class TarEnd {
 public:
  void saw(ByteSpan piece) {
    for (std::size_t i = piece.size(); i > 0; --i) {
      if (piece[i - 1] == std::byte{0}) continue;
      after_last_byte_ = total_ + i;
      break;
    }
    total_ += piece.size();
  }
  // Where the last entry's data and padding end.
  void content_ends_at(std::uint64_t position) { content_end_ = position; }

  // Requires: all bytes were seen.
  Result<void> check() const {
    constexpr std::uint64_t kEndMark = 1024;
    if (after_last_byte_ > content_end_)
      return invalid_input("the archive cannot be read: other bytes follow its last entry");
    if (total_ < content_end_ + kEndMark) return invalid_input("the archive cannot be read: it is cut off");
    return {};
  }

 private:
  std::uint64_t total_ = 0;
  std::uint64_t after_last_byte_ = 0;  // that is not zero
  std::uint64_t content_end_ = 0;
};

}  // namespace slipway::package_reader
