#include "adapter/net/body_buffer.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "adapter/net/exchange.h"

namespace slipway::net {
namespace {

constexpr std::size_t kFirstGuess = 16 << 10;
constexpr std::size_t kDraw = 256 << 10;

}  // namespace

void BodyBuffer::begin(std::size_t expected, std::size_t most) {
  clear();
  most_ = most + 1;
  resize(std::min(expected != 0 ? expected : kFirstGuess, most_));
}

void BodyBuffer::resize(std::size_t capacity) {
  void* moved = std::realloc(bytes_.get(), capacity + kBodyPadding);
  if (moved == nullptr) throw std::bad_alloc();
  static_cast<void>(bytes_.release());
  bytes_.reset(static_cast<std::byte*>(moved));
  capacity_ = capacity;
}

MutableByteSpan BodyBuffer::room() {
  if (size_ == capacity_) {
    if (capacity_ >= most_) return {};
    resize(std::min(std::max(capacity_ * 2, kFirstGuess), most_));
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
