#include "adapter/codec/arena.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace slipway::codec {
namespace {
constexpr std::size_t kFirstBlock = 4096;
}  // namespace

MutableByteSpan Arena::allocate_block(std::size_t size, std::size_t rounded) {
  const std::size_t grown = blocks_.empty() ? kFirstBlock : 2 * blocks_.back().size;
  const std::size_t bytes = std::max(rounded, std::min<std::size_t>(grown, keep_.count));
  auto* const memory = static_cast<std::byte*>(::operator new[](bytes, std::align_val_t{kAlignment}));
  blocks_.push_back({std::unique_ptr<std::byte[], Release>(memory), bytes});
  held_.count += bytes;
  use(blocks_.back());
  next_ += rounded;
  left_ -= rounded;
  return {memory, size};
}

void Arena::shrink(MutableByteSpan piece, std::size_t used) {
  const auto rounded_end = [&](std::size_t size) {
    return piece.data() + ((size + kAlignment - 1) & ~(kAlignment - 1));
  };
  std::byte* const end = rounded_end(used);
  if (rounded_end(piece.size()) != next_) return;
  left_ += static_cast<std::size_t>(next_ - end);
  next_ = end;
}

std::string_view Arena::copy(std::string_view text) {
  const MutableByteSpan piece = allocate(text.size());
  if (!text.empty()) std::memcpy(piece.data(), text.data(), text.size());
  return as_text(piece);
}

void Arena::reset() {
  while (blocks_.size() > 1 || (!blocks_.empty() && held_.count > keep_.count)) {
    // The largest block that may be kept stays; what a rare large request needed goes back.
    const auto drop = blocks_.size() > 1 && blocks_.back().size <= keep_.count ? blocks_.begin() : blocks_.end() - 1;
    held_.count -= drop->size;
    blocks_.erase(drop);
  }
  next_ = nullptr;
  left_ = 0;
  if (!blocks_.empty()) use(blocks_.back());
}

}  // namespace slipway::codec
