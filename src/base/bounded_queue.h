// BoundedQueue<T>: hands values between threads; refuses rather than grows.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "base/guarded.h"

namespace slipway {

// Any thread. When full try_push() refuses and leaves the value with the caller. close() wakes every waiter.
template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  // False when full or closed; then `value` is untouched.
  bool try_push(T&& value) {
    {
      auto state = state_.lock();
      if (state->closed || state->items.size() >= capacity_) return false;
      state->items.push_back(std::move(value));
    }
    ready_.notify_one();
    return true;
  }

  // Blocks until a value comes; nullopt once closed and empty.
  std::optional<T> pop() {
    auto state = state_.lock();
    ready_.wait(state.lock(), [&] { return state->closed || !state->items.empty(); });
    if (state->items.empty()) return std::nullopt;
    std::optional<T> value(std::move(state->items.front()));
    state->items.pop_front();
    return value;
  }

  void close() {
    state_.lock()->closed = true;
    ready_.notify_all();
  }
  std::size_t size() const { return state_.lock()->items.size(); }

 private:
  struct State {
    std::deque<T> items;
    bool closed = false;
  };
  const std::size_t capacity_;
  Guarded<State> state_;
  std::condition_variable ready_;
};

}  // namespace slipway
