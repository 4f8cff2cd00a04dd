// Content: bytes that are read piece by piece, as those of a file that is too large for memory.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace slipway::ports {

// One thread at a time.
class Content {
 public:
  virtual ~Content() = default;
  virtual std::uint64_t size() const = 0;  // of all of it
  // Blocks. Fills `into` as far as there are bytes; 0: the end. Corrupt, instead of the last bytes, if all of them
  // together are not those that were asked for.
  virtual Result<std::size_t> read(MutableByteSpan into) = 0;
};

}  // namespace slipway::ports
