// RecordRing: the way of a lane's prediction records off its loop. Nobody waits: without room a prediction leaves none.
#pragma once

#include <atomic>
#include <cstring>
#include <memory>
#include <type_traits>
#include <vector>

#include "base/invariant.h"
#include "ports/prediction_log.h"

namespace slipway::serving {

// reserve(), give_back() and push(): the lane's thread; drain(): one other. A place is reserved when a request is
// admitted, before anything of its outcome is known, so that what is dropped says nothing about outcomes.
class RecordRing {
 public:
  explicit RecordRing(std::size_t capacity_power) : mask_((std::size_t{1} << capacity_power) - 1) {
    places_ = std::make_unique_for_overwrite<Place[]>(mask_ + 1);  // its memory is touched as it is needed
  }

  // False: full.
  bool reserve() {
    if (tail_ + reserved_ - known_head_ > mask_) {
      known_head_ = head_.load(std::memory_order_acquire);
      if (tail_ + reserved_ - known_head_ > mask_) return false;
    }
    ++reserved_;
    return true;
  }
  // Requires: a reserved place. True, now and then, while it is half full: somebody should drain it.
  bool push(const ports::PredictionRecord& record) {
    invariant(reserved_ != 0, "a record has a place that was reserved for it");
    std::memcpy(&places_[tail_ & mask_], &record, sizeof record);
    --reserved_;
    // The memory of the next one was last touched a whole round ago.
    const Place& next = places_[(tail_ + 1) & mask_];
    __builtin_prefetch(&next, 1);
    __builtin_prefetch(next.bytes + sizeof next / 2, 1);
    published_tail_.store(++tail_, std::memory_order_release);
    if (tail_ % kLooks != 0 || tail_ - known_head_ <= mask_ / 2) return false;
    known_head_ = head_.load(std::memory_order_acquire);
    return tail_ - known_head_ > mask_ / 2;
  }

  // Records that are there now.
  std::size_t size() const {
    return published_tail_.load(std::memory_order_acquire) - head_.load(std::memory_order_relaxed);
  }
  // Adds the first `count` of what is there to `into`. Requires: size() was that or more.
  void drain(std::size_t count, std::vector<ports::PredictionRecord>& into) {
    std::size_t head = head_.load(std::memory_order_relaxed);
    for (const std::size_t end = head + count; head != end; ++head) {
      std::memcpy(static_cast<void*>(&into.emplace_back()), &places_[head & mask_], sizeof(ports::PredictionRecord));
    }
    head_.store(head, std::memory_order_release);
  }

 private:
  static constexpr std::size_t kLooks = 256;
  static_assert(std::is_trivially_copyable_v<ports::PredictionRecord>);
  struct alignas(ports::PredictionRecord) Place {
    std::byte bytes[sizeof(ports::PredictionRecord)];
  };
  const std::size_t mask_;
  std::unique_ptr<Place[]> places_;
  // The lane's.
  std::size_t tail_ = 0, reserved_ = 0, known_head_ = 0;
  alignas(64) std::atomic<std::size_t> published_tail_{0};
  alignas(64) std::atomic<std::size_t> head_{0};
};

}  // namespace slipway::serving
