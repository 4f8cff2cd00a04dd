// BodyPipe: carries the body of a blocking route from its loop to its worker, at most kCapacity bytes at a time.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "adapter/net/request_body.h"
#include "base/guarded.h"
#include "base/result.h"

namespace slipway::net {

// Two threads: the loop writes (room, commit, finish, fail), one worker reads. A ring; each side touches only its part.
class BodyPipe final : public BodySink {
 public:
  static constexpr std::size_t kCapacity = 256 << 10;

  // `wants_more` is called on the worker's thread when the loop found the pipe full and there is room again, and before
  // the first wait. `expected`: the size of the body if known, 0 otherwise.
  BodyPipe(std::size_t expected, std::function<void()> wants_more);

  MutableByteSpan room(std::size_t coming) override;
  void commit(std::size_t count) override;
  void finish();
  // What a waiting or later read_body() returns; the first failure stays. After finish() nothing.
  void fail(Error error);

  // Blocks; 0 at the end of the body.
  Result<std::size_t> read(MutableByteSpan into);

 private:
  struct State {
    std::size_t begin = 0, size = 0;  // of what can be read
    bool finished = false, starved = false, asked = false;
    std::optional<Error> failure;
  };
  const std::function<void()> wants_more_;
  const std::size_t capacity_;
  std::unique_ptr<std::byte[]> ring_;
  Guarded<State> state_;
  std::condition_variable changed_;
};

}  // namespace slipway::net
