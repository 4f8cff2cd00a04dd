// MemoryBudget and BodyBuffer: whole request bodies in memory, drawn on one budget of the process.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>

#include "adapter/net/request_body.h"
#include "base/bytes.h"

namespace slipway::net {

// What all connections may hold together of one kind of memory. Whoever finds room may draw what it needs, so the last
// of each loop may overdraw it: what is larger than the whole budget still passes, alone. Any thread.
class MemoryBudget {
 public:
  explicit MemoryBudget(Bytes most) : left_(static_cast<std::int64_t>(most.count)) {}
  bool has_room() const { return left() > 0; }
  void draw(std::size_t count) { left_.fetch_sub(static_cast<std::int64_t>(count), std::memory_order_relaxed); }
  void give_back(std::size_t count) { left_.fetch_add(static_cast<std::int64_t>(count), std::memory_order_relaxed); }
  std::int64_t left() const { return left_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> left_;
};

// One body, contiguous. Memory is allocated when the first of it comes: its final size when that is known and no more
// than 1 MiB, then as it fills; so it is drawn on the budget: a peer who only announces a large body holds nothing. The
// first kAlways bytes need no room there, so that small requests pass while large ones hold it all.
class BodyBuffer final : public BodySink {
 public:
  static constexpr std::size_t kAlways = 4 << 10;

  // `kept`: bytes of memory that stay from body to body, beyond the budget; for buffers that are pooled.
  explicit BodyBuffer(std::shared_ptr<MemoryBudget> budget, std::size_t kept = 0)
      : budget_(std::move(budget)), kept_(kept) {}
  ~BodyBuffer() override { clear(); }
  BodyBuffer(BodyBuffer&& other) noexcept;  // leaves `other` empty and usable
  BodyBuffer& operator=(BodyBuffer&&) = delete;

  // `expected`: the exact size, 0 when unknown; never more than `most` bytes and one (which shows that it is too
  // large).
  void begin(std::size_t expected, std::size_t most);
  void expect(std::size_t size);  // the same, learned later. Requires: nothing has come
  // Empty: the budget is exhausted, or more than `most` has come.
  MutableByteSpan room(std::size_t coming) override;
  MutableByteSpan spare() const;  // of room(), what is there without taking more memory
  void commit(std::size_t count) override {
    size_ += count;
    budget_->draw(count);
  }
  // What room() gave stays good until unpin(), whatever becomes of the body meanwhile.
  void pin() { is_pinned_ = true; }
  void unpin();
  void drop_front(std::size_t count);  // Requires: so many are there
  std::size_t size() const { return size_; }
  // The body; kBodyPadding zeros follow.
  ByteSpan padded();
  void clear();
  void release();  // the same, and keeps no memory

 private:
  void resize(std::size_t capacity);
  void drop_memory();

  const std::shared_ptr<MemoryBudget> budget_;
  const std::size_t kept_;
  struct Free {
    void operator()(std::byte* bytes) const { std::free(bytes); }
  };
  using Memory = std::unique_ptr<std::byte[], Free>;
  Memory bytes_;   // malloc's, because realloc() moves large blocks without copying
  Memory pinned_;  // what it would have given back
  bool is_pinned_ = false;
  std::size_t size_ = 0, capacity_ = 0, expected_ = 0, most_ = 0;
};

}  // namespace slipway::net
