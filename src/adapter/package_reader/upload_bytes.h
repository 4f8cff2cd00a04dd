// UploadBytes: what was pushed, from front to back, and what its first bytes say it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "ports/package_reader.h"

namespace slipway::package_reader {

// One thread. Failures are those of the way it comes by, and final.
class UploadBytes {
 public:
  virtual ~UploadBytes() = default;
  // Blocks. Fills up to `into.size()` bytes and moves on; 0 at the end.
  virtual Result<std::size_t> read(MutableByteSpan into) = 0;
  virtual std::uint64_t position() const = 0;
};

// A package while it arrives, which must outlive this.
class ArrivingBytes final : public UploadBytes {
 public:
  explicit ArrivingBytes(ports::ArrivingPackage& package) : package_(package) {}

  // The first bytes, kTelling of them if there are so many. read() begins with them too. Requires: nothing was read.
  Result<ByteSpan> head();
  Result<std::size_t> read(MutableByteSpan into) override;
  std::uint64_t position() const override { return position_; }

 private:
  ports::ArrivingPackage& package_;
  std::vector<std::byte> head_;
  std::uint64_t position_ = 0;
};

enum class UploadKind : std::uint8_t { Tar, TarGzip, TarZstd, Zip, Single };

inline constexpr std::size_t kTelling = 512;  // bytes that tell what it is
// Single: none of the archives.
UploadKind kind_of(ByteSpan head);

}  // namespace slipway::package_reader
