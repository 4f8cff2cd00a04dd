// BodyBudget and BodyBuffer: whole request bodies in memory, drawn on one budget of the process.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "adapter/net/request_body.h"
#include "base/bytes.h"

namespace slipway::net {

// What all bodies in memory may hold together. Any thread.
class BodyBudget {
 public:
  explicit BodyBudget(Bytes most) : left_(static_cast<std::int64_t>(most.count)) {}
  // False, and nothing taken, when fewer than `count` bytes are left.
  bool take(std::size_t count) {
    if (left_.fetch_sub(static_cast<std::int64_t>(count), std::memory_order_relaxed) >=
        static_cast<std::int64_t>(count)) {
      return true;
    }
    give_back(count);
    return false;
  }
  void give_back(std::size_t count) { left_.fetch_add(static_cast<std::int64_t>(count), std::memory_order_relaxed); }
  std::int64_t left() const { return left_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> left_;
};

// One body, contiguous. Memory is allocated at its final size when that is known, and drawn on the budget as it fills,
// so that a peer who only announces a large body holds nothing.
class BodyBuffer final : public BodySink {
 public:
  explicit BodyBuffer(BodyBudget& budget) : budget_(budget) {}
  ~BodyBuffer() override { clear(); }
  BodyBuffer(const BodyBuffer&) = delete;
  BodyBuffer& operator=(const BodyBuffer&) = delete;

  // `expected`: the exact size, 0 when unknown; never more than `most` bytes and one (which shows that it is too
  // large).
  void begin(std::size_t expected, std::size_t most);
  MutableByteSpan room() override;  // empty: the budget is exhausted
  void commit(std::size_t count) override { size_ += count; }
  // The body; kBodyPadding zeros follow.
  ByteSpan padded();
  void clear();

 private:
  void resize(std::size_t capacity);

  BodyBudget& budget_;
  struct Free {
    void operator()(std::byte* bytes) const { std::free(bytes); }
  };
  std::unique_ptr<std::byte[], Free> bytes_;  // malloc's, because realloc() moves large blocks without copying
  std::size_t size_ = 0, capacity_ = 0, most_ = 0, drawn_ = 0;
};

}  // namespace slipway::net
