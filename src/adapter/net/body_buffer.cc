#include "adapter/net/body_buffer.h"

#include <algorithm>
#include <cstring>

#include "adapter/net/exchange.h"

namespace slipway::net {
namespace {

constexpr std::size_t kFirstGuess = 16 << 10;
constexpr std::size_t kDraw = 256 << 10;

}  // namespace

void BodyBuffer::begin(std::size_t expected, std::size_t most) {
  clear();
  most_ = most + 1;
  capacity_ = expected != 0 ? std::min(expected, most_) : std::min(kFirstGuess, most_);
  bytes_ = std::make_unique_for_overwrite<std::byte[]>(capacity_ + kBodyPadding);
}

void BodyBuffer::grow() {
  const std::size_t next = std::min(std::max(capacity_ * 2, kFirstGuess), most_);
  auto bytes = std::make_unique_for_overwrite<std::byte[]>(next + kBodyPadding);
  std::memcpy(bytes.get(), bytes_.get(), size_);
  bytes_ = std::move(bytes);
  capacity_ = next;
}

MutableByteSpan BodyBuffer::room() {
  if (size_ == capacity_) {
    if (capacity_ >= most_) return {};
    grow();
  }
  if (size_ == drawn_) {
    const std::size_t wanted = std::min(kDraw, capacity_ - size_);
    if (!budget_.take(wanted)) return {};
    drawn_ += wanted;
  }
  return {bytes_.get() + size_, std::min(capacity_, drawn_) - size_};
}

ByteSpan BodyBuffer::padded() {
  if (!bytes_) return {};
  std::memset(bytes_.get() + size_, 0, kBodyPadding);
  return {bytes_.get(), size_};
}

void BodyBuffer::clear() {
  if (drawn_ != 0) budget_.give_back(drawn_);
  bytes_.reset();
  size_ = capacity_ = drawn_ = 0;
}

}  // namespace slipway::net
