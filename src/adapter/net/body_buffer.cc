#include "adapter/net/body_buffer.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "adapter/net/exchange.h"

namespace slipway::net {
namespace {

constexpr std::size_t kFirstGuess = 16 << 10;
constexpr std::size_t kMostUnseen = 1 << 20;  // reserved for a length that is only announced

}  // namespace

BodyBuffer::BodyBuffer(BodyBuffer&& other) noexcept
    : budget_(other.budget_),
      kept_(other.kept_),
      bytes_(std::move(other.bytes_)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)),
      expected_(other.expected_),
      most_(other.most_) {}

void BodyBuffer::begin(std::size_t expected, std::size_t most) {
  clear();
  most_ = most + 1;
  expected_ = std::min(expected, kMostUnseen);
}

void BodyBuffer::expect(std::size_t size) {
  expected_ = std::min({size, kMostUnseen, most_});
}

void BodyBuffer::unpin() {
  is_pinned_ = false;
  pinned_.reset();
}

void BodyBuffer::drop_memory() {
  if (is_pinned_ && !pinned_) pinned_ = std::move(bytes_);
  bytes_.reset();
  capacity_ = 0;
}

void BodyBuffer::resize(std::size_t capacity) {
  const bool stays = is_pinned_ && bytes_ && !pinned_;
  void* moved = stays ? std::malloc(capacity + kBodyPadding) : std::realloc(bytes_.get(), capacity + kBodyPadding);
  if (moved == nullptr) throw std::bad_alloc();
  if (stays) std::memcpy(moved, bytes_.get(), size_);
  Memory old(bytes_.release());
  if (stays) pinned_ = std::move(old);
  static_cast<void>(old.release());
  bytes_.reset(static_cast<std::byte*>(moved));
  capacity_ = capacity;
}

MutableByteSpan BodyBuffer::room(std::size_t coming) {
  if (size_ == capacity_ || (size_ == 0 && expected_ > capacity_)) {
    if (size_ >= most_) return {};
    const std::size_t first = expected_ != 0 ? expected_ : std::max(coming, kept_ != 0 ? kept_ : kFirstGuess);
    resize(std::min(size_ == 0 ? first : std::max(capacity_ * 2, kFirstGuess), most_));
  }
  return spare();
}

MutableByteSpan BodyBuffer::spare() const {
  if (capacity_ == 0) return {};
  const auto left = static_cast<std::size_t>(std::max<std::int64_t>(budget_->left(), 0));
  const std::size_t free = kAlways - std::min(size_, kAlways);
  const std::size_t count = std::min({capacity_ - size_, most_ - size_, std::max(left, free)});
  return count == 0 ? MutableByteSpan() : MutableByteSpan(bytes_.get() + size_, count);
}

void BodyBuffer::drop_front(std::size_t count) {
  std::memmove(bytes_.get(), bytes_.get() + count, size_ - count);
  size_ -= count;
  budget_->give_back(count);
}

ByteSpan BodyBuffer::padded() {
  if (!bytes_) return {};
  std::memset(bytes_.get() + size_, 0, kBodyPadding);
  return {bytes_.get(), size_};
}

void BodyBuffer::clear() {
  if (size_ != 0) budget_->give_back(size_);
  size_ = 0;
  if (capacity_ <= kept_) return;
  drop_memory();
}

void BodyBuffer::release() {
  clear();
  drop_memory();
}

}  // namespace slipway::net
