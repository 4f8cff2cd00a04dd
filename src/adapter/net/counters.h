// Counters of one event loop: written by its thread alone, read by whoever collects metrics.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>
#include <vector>

#include "ports/telemetry.h"

namespace slipway::net {

// Why a request or connection ended otherwise than by its handler's answer.
enum class Trouble : std::uint8_t {
  Malformed,      // 400, 417, 505: not HTTP as RFC 9112 says
  TooLarge,       // 413, 414, 431
  WrongHost,      // Host header not ours
  NoRoute,        // 404, 405
  NotAllowed,     // 401, 403
  Encoding,       // 415
  SlowPeer,       // head or body came too slowly
  WriteStall,     // the peer does not read
  PeerLeft,       // gone before its answer
  NoMemory,       // body budget exhausted
  Overloaded,     // worker pool full
  HandlerThrew,   // an exception reached us
  Flood,          // HTTP/2: frames that cost nothing, or resets, beyond their budget
  TooMany,        // connection limit
  TooManyOfOne,   // connection limit of one address
  AnswerMemory,   // budget of answers exhausted
  NoDescriptors,  // accept failed
  Count
};
std::string_view name_of(Trouble trouble);

struct Counters {
  // One writer: a plain load and store, no locked instruction.
  class Count {
   public:
    void add(std::uint64_t n) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
    void subtract(std::uint64_t n) { add(~n + 1); }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

   private:
    std::atomic<std::uint64_t> value_{0};
  };

  Count accepted, open, bytes_in, bytes_out, ticks;
  std::array<Count, 6> answers;  // by status class, 1xx to 5xx
  std::array<Count, static_cast<std::size_t>(Trouble::Count)> troubles;

  void note(Trouble trouble) { troubles[static_cast<std::size_t>(trouble)].add(1); }
};

// Visits the sums over all loops.
void collect(const std::vector<const Counters*>& loops, ports::MetricVisitor& visitor);

}  // namespace slipway::net
