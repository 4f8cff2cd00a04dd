// Turnstile: lets many through at once until it is closed; whoever closes it waits for those inside.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/guarded.h"

namespace slipway {

// Any thread. Turns end before it does.
class Turnstile {
 public:
  // Inside for as long as it lives.
  class Turn {
   public:
    Turn(Turn&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (of_ != nullptr) of_->leave();
    }

   private:
    friend class Turnstile;
    explicit Turn(Turnstile& of) : of_(&of) {}
    Turnstile* of_;
  };

  // None: it is closed. Never waits.
  std::optional<Turn> enter() {
    auto state = state_.lock();
    if (state->is_closed) return std::nullopt;
    ++state->inside;
    return Turn(*this);
  }
  // Nobody enters from now on. True once nobody is inside; false, and open again, if that takes longer than `allowed`.
  bool close(Duration allowed) {
    auto state = state_.lock();
    state->is_closed = true;
    const bool is_empty = left_.wait_for(state.lock(), allowed, [&] { return state->inside == 0; });
    state->is_closed = is_empty;
    return is_empty;
  }
  void open() { state_.lock()->is_closed = false; }

 private:
  struct State {
    std::size_t inside = 0;
    bool is_closed = false;
  };
  void leave() {
    auto state = state_.lock();
    if (--state->inside == 0) left_.notify_all();
  }
  Guarded<State> state_;
  std::condition_variable left_;
};

}  // namespace slipway
