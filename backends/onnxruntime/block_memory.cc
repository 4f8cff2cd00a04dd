#include "onnxruntime/block_memory.h"

#include <sys/mman.h>

#include <cstdlib>
#include <new>

namespace slipway::onnx {
namespace {

constexpr std::size_t kLarge = 256 << 10;     // of a block that is mapped
constexpr std::size_t kMostKept = 256 << 20;  // given back and not yet wanted again
constexpr std::uint64_t kMostReturns = 1024;  // while a kept block is not wanted: of several runs, also of deep models
constexpr std::size_t kPage = 4 << 10, kLargePage = 2 << 20;
constexpr std::size_t kAlignment = 64;
constexpr std::size_t kPadding = 64;  // kernels for packed integers read a little beyond the end

std::size_t rounded_up(std::size_t size, std::size_t to) {
  return (size + to - 1) / to * to;
}

std::uintptr_t address_of(const void* memory) {
  return reinterpret_cast<std::uintptr_t>(memory);
}

}  // namespace

BlockMemory::BlockMemory(const OrtMemoryInfo* described) : OrtAllocator{}, described_(described) {
  version = ORT_API_VERSION;
  Alloc = [](OrtAllocator* self, std::size_t size) { return static_cast<BlockMemory*>(self)->take(size); };
  Reserve = Alloc;
  Free = [](OrtAllocator* self, void* memory) { static_cast<BlockMemory*>(self)->give_back(memory); };
  Info = [](const OrtAllocator* self) { return static_cast<const BlockMemory*>(self)->described_; };
}

void* BlockMemory::take(std::size_t size) {
  if (size == 0) return nullptr;
  if (size > PTRDIFF_MAX - kLargePage) throw std::bad_alloc();
  void* const taken =
      size < kLarge ? std::aligned_alloc(kAlignment, rounded_up(size + kPadding, kAlignment))
                    : blocks_.with([&](Blocks& blocks) { return blocks.take(rounded_up(size + kPadding, kPage)); });
  if (taken == nullptr) throw std::bad_alloc();
  return taken;
}

void BlockMemory::give_back(void* memory) {
  const bool may_be_large = memory != nullptr && address_of(memory) % kPage == 0;
  if (may_be_large && blocks_.with([&](Blocks& blocks) { return blocks.give_back(memory); })) return;
  std::free(memory);
}

void BlockMemory::drop_kept() {
  blocks_.with([](Blocks& blocks) { blocks.drop_kept(); });
}

void* BlockMemory::Blocks::take(std::size_t size) {
  lent.reserve(lent.size() + 1);
  kept.reserve(lent.size() + kept.size() + 1);  // so that giving back cannot fail
  auto found = kept.end();
  for (auto block = kept.begin(); block != kept.end(); ++block) {
    const bool fits = block->size >= size && block->size / 2 <= size;
    if (fits && (found == kept.end() || block->size < found->size)) found = block;
  }
  const Block given = found != kept.end() ? *found : map(size);
  if (given.at == nullptr) return nullptr;
  try {
    lent.emplace(given.at, given.size);
  } catch (...) {
    if (found == kept.end()) unmap(given);
    throw;
  }
  if (found == kept.end()) return given.at;
  kept_bytes -= given.size;
  *found = kept.back();
  kept.pop_back();
  return given.at;
}

bool BlockMemory::Blocks::give_back(void* memory) {
  const auto found = lent.find(memory);
  if (found == lent.end()) return false;
  const Block block{static_cast<std::byte*>(memory), found->second};
  lent.erase(found);
  ++returns;
  drop_unwanted();
  if (kept_bytes + block.size > kMostKept) {
    unmap(block);
  } else {
    kept.push_back({block.at, block.size, returns});
    kept_bytes += block.size;
  }
  return true;
}

void BlockMemory::Blocks::drop_unwanted() {
  if (returns % (kMostReturns / 4) != 0) return;
  std::erase_if(kept, [this](const Block& block) {
    const bool is_unwanted = returns - block.kept_since > kMostReturns;
    if (is_unwanted) unmap(block);
    kept_bytes -= is_unwanted ? block.size : 0;
    return is_unwanted;
  });
}

void BlockMemory::Blocks::drop_kept() {
  for (const Block& block : kept) unmap(block);
  kept.clear();
  kept_bytes = 0;
}

// From 2 MiB on it begins where a large page can.
BlockMemory::Block BlockMemory::map(std::size_t size) {
  const std::size_t spare = size >= kLargePage ? kLargePage - kPage : 0;
  void* const mapped = mmap(nullptr, size + spare, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return {nullptr, 0};
  if (spare == 0) return {static_cast<std::byte*>(mapped), size};
  auto* const begin = static_cast<std::byte*>(mapped);
  std::byte* const at = begin + (rounded_up(address_of(begin), kLargePage) - address_of(begin));
  if (at != begin) munmap(begin, static_cast<std::size_t>(at - begin));
  const std::size_t behind = spare - static_cast<std::size_t>(at - begin);
  if (behind != 0) munmap(at + size, behind);
  madvise(at, size / kLargePage * kLargePage, MADV_HUGEPAGE);  // where there are none, small ones do
  return {at, size};
}

void BlockMemory::unmap(Block block) {
  munmap(block.at, block.size);
}

}  // namespace slipway::onnx
