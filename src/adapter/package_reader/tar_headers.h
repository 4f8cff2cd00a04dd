// TarHeaders: the raw header blocks of a tar's entries, for what libarchive does not tell of them.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace slipway::package_reader {

// One thread. Keeps the bytes that were read and not yet passed, which is one piece of the upload and one header.
class TarHeaders {
 public:
  void saw(ByteSpan piece) { kept_.insert(kept_.end(), piece.begin(), piece.end()); }
  // Forgets everything before `position`.
  void pass(std::uint64_t position);
  // InvalidInput if a name in the headers [begin, end) has a NUL in it: libarchive would end the name there, others may
  // not. Requires: both were seen and not passed.
  Result<void> check_names(std::uint64_t begin, std::uint64_t end) const;

 private:
  std::vector<std::byte> kept_;
  std::uint64_t begin_ = 0;  // position of kept_
  std::uint64_t passed_ = 0;
};

}  // namespace slipway::package_reader
