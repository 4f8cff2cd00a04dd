// MirrorRing: the way of a lane's requests to the version they are mirrored to. Nobody waits: without room a request is
// not mirrored.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "ports/prediction_log.h"
#include "service/serving/served_version.h"

namespace slipway::serving {

// One request as the mirror answers it again. Its memory is used again for the next.
struct MirroredRequest {
  ModelHandle to;                          // a lease
  std::vector<std::uint64_t> storage;      // words, so that every tensor in it is aligned
  std::vector<tensor::TensorView> inputs;  // into storage; names are those of the signature of `to`
  std::vector<ports::RequestedOutput> outputs;
  std::uint64_t bytes = 0;         // of the inputs
  bool is_foreign = false;         // `to` has no input or output of a name in it
  ports::PredictionRecord record;  // as its twin's, for what is known before it is executed
};

// take(), push(), mark() and offer(): the lane's thread; waiting(), at() and drop(): one other. A request is offered to
// that one in the tick after the one in which it was pushed, so that by then the answer to its caller is on its way.
class MirrorRing {
 public:
  // `bytes`: of the inputs that wait in all rings together, at most `most_bytes`.
  MirrorRing(std::size_t places, std::atomic<std::uint64_t>& bytes, std::uint64_t most_bytes)
      : mask_(places - 1), bytes_(bytes), most_bytes_(most_bytes) {}  // Requires: places is a power of two.

  // Before the first take(); no thread uses it yet.
  void make_places() {
    if (!places_) places_ = std::make_unique<MirroredRequest[]>(mask_ + 1);
  }

  // The next place, to be filled and pushed; null: there is no room for it, or for inputs of so many bytes.
  MirroredRequest* take(std::uint64_t bytes) {
    if (tail_ - head_.load(std::memory_order_acquire) > mask_) return nullptr;
    if (bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes > most_bytes_) {
      bytes_.fetch_sub(bytes, std::memory_order_relaxed);
      return nullptr;
    }
    MirroredRequest& place = places_[tail_ & mask_];
    place.bytes = bytes;
    return &place;
  }
  void push() { ++tail_; }
  // The tick ends: what it answered is about to be sent.
  void mark() { marked_ = tail_; }
  bool has_unoffered() const { return offered_.load(std::memory_order_relaxed) != tail_; }
  // Of earlier ticks.
  void offer() { offered_.store(marked_, std::memory_order_release); }

  std::size_t waiting() const {
    return offered_.load(std::memory_order_acquire) - head_.load(std::memory_order_relaxed);
  }
  MirroredRequest& at(std::size_t i) { return places_[(head_.load(std::memory_order_relaxed) + i) & mask_]; }
  // The first of those that wait.
  void drop() {
    MirroredRequest& first = at(0);
    bytes_.fetch_sub(first.bytes, std::memory_order_relaxed);
    if (first.storage.capacity() > kKeptWords) std::vector<std::uint64_t>().swap(first.storage);
    first.to.reset();
    head_.store(head_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
  // Also what was not offered. Requires: no other thread uses it any more.
  void clear() {
    offered_.store(tail_, std::memory_order_relaxed);
    while (waiting() != 0) drop();
  }

 private:
  static constexpr std::size_t kKeptWords = 512;  // of a place that nobody uses

  const std::size_t mask_;
  std::atomic<std::uint64_t>& bytes_;
  const std::uint64_t most_bytes_;
  std::unique_ptr<MirroredRequest[]> places_;
  std::size_t tail_ = 0, marked_ = 0;  // the lane's
  alignas(64) std::atomic<std::size_t> offered_{0};
  alignas(64) std::atomic<std::size_t> head_{0};
};

}  // namespace slipway::serving
