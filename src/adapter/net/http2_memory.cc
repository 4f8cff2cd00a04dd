#include "adapter/net/http2_memory.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace slipway::net {

Http2Memory::~Http2Memory() {
  for (Head* head : free_) {
    while (head != nullptr) {
      Head* next = head->next;
      std::free(head);
      head = next;
    }
  }
}

void* Http2Memory::take(std::size_t size) {
  const std::size_t step = size == 0 ? 0 : (size - 1) / kStep;
  if (step < free_.size()) {
    if (Head* head = free_[step]) {
      free_[step] = head->next;
      kept_ -= head->size;
      return head + 1;
    }
    size = (step + 1) * kStep;
  }
  auto* head = static_cast<Head*>(std::malloc(sizeof(Head) + size));
  if (head == nullptr) return nullptr;
  head->size = size;
  return head + 1;
}

void Http2Memory::give_back(void* block) {
  if (block == nullptr) return;
  Head* head = static_cast<Head*>(block) - 1;
  if (head->size > kLargest || kept_ + head->size > kMostKept) return std::free(head);
  Head*& first = free_[head->size / kStep - 1];
  head->next = first;
  first = head;
  kept_ += head->size;
}

void* Http2Memory::resize(void* block, std::size_t size) {
  if (block == nullptr) return take(size);
  const std::size_t held = (static_cast<Head*>(block) - 1)->size;
  if (size <= held) return block;
  void* larger = take(size);
  if (larger == nullptr) return nullptr;
  std::memcpy(larger, block, held);
  give_back(block);
  return larger;
}

}  // namespace slipway::net
