// ExecutionPool<T>: for plugins, the memory behind executions, kept for the next one instead of being freed.
#ifndef SLIPWAY_EXECUTION_POOL_H
#define SLIPWAY_EXECUTION_POOL_H

#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>

namespace slipway::backend {

// Any thread, without locks. Each thread begins at a slot of its own, so that threads seldom meet.
template <class T, std::size_t kSlots = 16>
class ExecutionPool {
 public:
  ExecutionPool() = default;
  ~ExecutionPool() {
    for (Slot& slot : slots_) delete slot.kept.load(std::memory_order_acquire);
  }
  ExecutionPool(const ExecutionPool&) = delete;
  ExecutionPool& operator=(const ExecutionPool&) = delete;

  // One that was given back, or a new one made by `make`.
  template <class Make>
  std::unique_ptr<T> take(Make&& make) {
    const std::size_t first = home();
    for (std::size_t i = 0; i < kSlots; ++i) {
      std::atomic<T*>& kept = slots_[(first + i) % kSlots].kept;
      if (kept.load(std::memory_order_relaxed) == nullptr) continue;
      if (T* found = kept.exchange(nullptr, std::memory_order_acq_rel)) return std::unique_ptr<T>(found);
    }
    return make();
  }

  // Keeps `spent` if there is room, else frees it.
  void give_back(std::unique_ptr<T> spent) noexcept {
    const std::size_t first = home();
    for (std::size_t i = 0; i < kSlots; ++i) {
      T* empty = nullptr;
      if (slots_[(first + i) % kSlots].kept.compare_exchange_strong(empty, spent.get(), std::memory_order_acq_rel)) {
        static_cast<void>(spent.release());
        return;
      }
    }
  }

 private:
  static std::size_t home() {
    static thread_local const std::size_t mine = std::hash<std::thread::id>{}(std::this_thread::get_id());
    return mine;
  }
  struct alignas(64) Slot {
    std::atomic<T*> kept{nullptr};
  };
  std::array<Slot, kSlots> slots_;
};

}  // namespace slipway::backend

#endif
