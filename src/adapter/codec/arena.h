// Arena: memory for one request, handed out in pieces and taken back all at once.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace slipway::codec {

// Owned by whoever decodes a request; one thread. Keeps what it once allocated, up to `keep`, so that a steady stream
// of similar requests allocates nothing. Pieces are aligned to 64 bytes and live until reset().
class Arena {
 public:
  static constexpr std::size_t kAlignment = 64;

  explicit Arena(Bytes keep = mebibytes(1)) : keep_(keep) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Uninitialised. An empty piece for 0.
  MutableByteSpan allocate(std::size_t size) {
    const std::size_t rounded = (size + kAlignment - 1) & ~(kAlignment - 1);
    if (rounded <= left_) {
      std::byte* const piece = next_;
      next_ += rounded;
      left_ -= rounded;
      return {piece, size};
    }
    return allocate_block(size, rounded);
  }
  // Gives the unused end of `piece` back if nothing was allocated after it. Requires: used <= its size.
  void shrink(MutableByteSpan piece, std::size_t used);
  std::string_view copy(std::string_view text);
  void reset();

  // Bytes held from the system, in use or not.
  Bytes held() const { return held_; }

 private:
  struct Release {
    void operator()(std::byte* block) const { ::operator delete[](block, std::align_val_t{kAlignment}); }
  };
  struct Block {
    std::unique_ptr<std::byte[], Release> memory;
    std::size_t size;
  };
  MutableByteSpan allocate_block(std::size_t size, std::size_t rounded);
  void use(const Block& block) { next_ = block.memory.get(), left_ = block.size; }

  Bytes keep_;
  Bytes held_;
  std::vector<Block> blocks_;  // the last one is being handed out
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace slipway::codec
