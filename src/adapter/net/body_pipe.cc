#include "adapter/net/body_pipe.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace slipway::net {

BodyPipe::BodyPipe(std::size_t expected, std::function<void()> wants_more)
    : wants_more_(std::move(wants_more)),
      capacity_(expected == 0 ? kCapacity : std::min(expected, kCapacity)),
      ring_(std::make_unique_for_overwrite<std::byte[]>(capacity_)) {}

MutableByteSpan BodyPipe::room(std::size_t /*coming*/) {
  auto state = state_.lock();
  if (state->size == capacity_) {
    state->starved = true;
    return {};
  }
  const std::size_t at = (state->begin + state->size) % capacity_;
  const std::size_t until = at < state->begin ? state->begin : capacity_;
  return {ring_.get() + at, until - at};
}

void BodyPipe::commit(std::size_t count) {
  state_.lock()->size += count;
  changed_.notify_one();
}

void BodyPipe::finish() {
  state_.lock()->finished = true;
  changed_.notify_one();
}

void BodyPipe::fail(Error error) {
  {
    auto state = state_.lock();
    if (state->finished || state->failure) return;
    state->failure = std::move(error);
  }
  changed_.notify_one();
}

Result<std::size_t> BodyPipe::read(MutableByteSpan into) {
  bool asks = false;
  {
    auto state = state_.lock();
    asks = state->size == 0 && !state->finished && !state->failure && !state->asked;
    if (asks) state->asked = true;
  }
  if (asks) wants_more_();
  std::size_t at = 0, count = 0;
  {
    auto state = state_.lock();
    changed_.wait(state.lock(), [&] { return state->size != 0 || state->finished || state->failure; });
    if (state->failure) return *state->failure;
    at = state->begin;
    count = std::min({into.size(), state->size, capacity_ - at});
  }
  if (count == 0) return std::size_t{0};
  std::memcpy(into.data(), ring_.get() + at, count);
  bool wake = false;
  {
    auto state = state_.lock();
    state->begin = (at + count) % capacity_;
    state->size -= count;
    wake = state->starved && state->size <= capacity_ / 2;
    if (wake) state->starved = false;
  }
  if (wake) wants_more_();
  return count;
}

}  // namespace slipway::net
