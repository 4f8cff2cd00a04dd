// Snapshot<T>: an immutable value that one side replaces and many threads read without waiting.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/guarded.h"

namespace slipway {

// publish() and current(): any thread. Hot readers keep a Reader each: one atomic load while nothing has changed.
template <class T>
class Snapshot {
 public:
  using Pointer = std::shared_ptr<const T>;

  explicit Snapshot(Pointer first) : held_(std::move(first)) {}

  void publish(Pointer next) {
    {
      auto held = held_.lock();
      std::swap(*held, next);
      revision_.fetch_add(1, std::memory_order_release);
    }
    // `next` now holds the old value; it is released here, outside the lock.
  }
  Pointer current() const { return *held_.lock(); }

  // One thread's cached view. Values returned stay alive until the next call of refresh() by the same reader.
  class Reader {
   public:
    explicit Reader(const Snapshot& snapshot) : snapshot_(&snapshot) {}
    const T& refresh() {
      const std::uint64_t revision = snapshot_->revision_.load(std::memory_order_acquire);
      if (!cached_ || revision != seen_) {
        cached_ = snapshot_->current();
        seen_ = revision;
      }
      return *cached_;
    }
    const Pointer& pointer() const { return cached_; }

   private:
    const Snapshot* snapshot_;
    Pointer cached_;
    std::uint64_t seen_ = 0;
  };

 private:
  Guarded<Pointer> held_;
  std::atomic<std::uint64_t> revision_{1};
};

}  // namespace slipway
