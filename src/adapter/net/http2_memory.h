// Http2Memory: what nghttp2 allocates for sessions and streams, kept by size for the next one.
#pragma once

#include <array>
#include <cstddef>

namespace slipway::net {

// Owned by a loop; its thread only. nghttp2 makes and drops a dozen small blocks for each stream; in a steady state
// they come from here and nothing is asked of malloc().
class Http2Memory {
 public:
  Http2Memory() = default;
  ~Http2Memory();
  Http2Memory(const Http2Memory&) = delete;
  Http2Memory& operator=(const Http2Memory&) = delete;

  void* take(std::size_t size);  // none: there is no memory
  void* resize(void* block, std::size_t size);
  void give_back(void* block);

 private:
  static constexpr std::size_t kStep = 64, kLargest = 1024;
  static constexpr std::size_t kMostKept = 1 << 20;  // bytes
  struct alignas(std::max_align_t) Head {
    std::size_t size;  // of what follows
    Head* next;
  };
  std::array<Head*, kLargest / kStep> free_{};
  std::size_t kept_ = 0;
};

}  // namespace slipway::net
