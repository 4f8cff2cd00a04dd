// ByteSource: an upload's bytes, decompressed on the way.
#pragma once

#include <memory>

#include "adapter/package_reader/upload_bytes.h"
#include "base/bytes.h"
#include "base/result.h"

namespace slipway::package_reader {

// One thread. InvalidInput for damaged, cut off or continued (bytes after the end) compressed data.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // The next piece, valid until the next call; empty at the end.
  virtual Result<ByteSpan> next() = 0;
};

// How much may come out, in all and in proportion to what went in (above 16 MiB).
struct ExpansionLimits {
  std::uint64_t bytes = 0;
  std::uint64_t ratio = 0;
};

// Borrows `upload`, of which nothing was read. `kind`: Tar (as it is), TarGzip or TarZstd.
std::unique_ptr<ByteSource> make_source(UploadBytes& upload, UploadKind kind, const ExpansionLimits& limits);

// InvalidInput once `unpacked` bytes out of `packed` pass the limits.
Result<void> check_expansion(std::uint64_t unpacked, std::uint64_t packed, const ExpansionLimits& limits);

}  // namespace slipway::package_reader
