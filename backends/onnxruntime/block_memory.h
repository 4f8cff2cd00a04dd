// BlockMemory: where ONNX Runtime takes the memory of larger models from: weights on large pages, and large blocks that
// were given back kept for the next run.
#pragma once

#include <onnxruntime_c_api.h>

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "onnxruntime/guarded.h"

namespace slipway::onnx {

// The process's; any thread. Reading weights in pages of 2 MiB instead of 4 KiB spares most of the address
// translation, which in a virtual machine takes twice the steps. Small pieces are malloc()'s; a large block that is
// given back is kept, since the next run wants the same: until drop_kept(), while all kept are within a bound, and as
// long as it is wanted again before many others were given back.
class BlockMemory : private OrtAllocator {
 public:
  explicit BlockMemory(const OrtMemoryInfo* described);
  BlockMemory(const BlockMemory&) = delete;

  OrtAllocator* as_allocator() { return this; }
  void drop_kept();  // a model went

 private:
  struct Block {
    std::byte* at;
    std::size_t size;
    std::uint64_t kept_since = 0;  // so many were given back before
  };
  // The large ones. Throws bad_alloc.
  struct Blocks {
    std::unordered_map<void*, std::size_t> lent;
    std::vector<Block> kept;
    std::size_t kept_bytes = 0;
    std::uint64_t returns = 0;  // since ever

    void* take(std::size_t size);
    bool give_back(void* memory);  // false: it is none of them
    void drop_unwanted();
    void drop_kept();
  };
  // Throws bad_alloc, which ONNX Runtime tells as an error; it does not look for nullptr.
  void* take(std::size_t size);
  void give_back(void* memory);
  static Block map(std::size_t size);
  static void unmap(Block block);

  const OrtMemoryInfo* const described_;
  Guarded<Blocks> blocks_;
};

}  // namespace slipway::onnx
