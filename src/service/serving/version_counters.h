// VersionCounters: what one version did, counted by each lane for itself and added up when somebody asks.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "ports/predictor.h"

namespace slipway::serving {

// Written by one thread, read by any; no read-modify-write on the bus.
class Counter {
 public:
  void add(std::uint64_t n) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  void set(std::uint64_t n) { value_.store(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Upper bounds of the latency histogram in nanoseconds; one more bucket lies above the last.
inline constexpr std::array<std::int64_t, 19> kLatencyBounds = {
    10'000,      25'000,        50'000,        100'000,       250'000,       500'000,     1'000'000,
    2'500'000,   5'000'000,     10'000'000,    25'000'000,    50'000'000,    100'000'000, 250'000'000,
    500'000'000, 1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000};
inline std::size_t latency_bucket(std::int64_t nanoseconds) {
  std::size_t bucket = 0;
  while (bucket < kLatencyBounds.size() && nanoseconds > kLatencyBounds[bucket]) ++bucket;
  return bucket;
}

// Requests of one protocol to one version, as one lane saw them.
struct ProtocolCounters {
  std::atomic<const char*> name{nullptr};  // static storage, NUL-terminated or not: `name_size` says
  std::atomic<std::size_t> name_size{0};
  Counter succeeded;
  std::array<Counter, kErrorCodeCount> failed;
  std::array<Counter, kLatencyBounds.size() + 1> latency;
  Counter latency_sum;  // nanoseconds, of those that succeeded
};
inline constexpr std::size_t kMaxProtocols = 8;  // the last one takes all that come later

inline constexpr std::size_t kCountedBatchSizes = 128;  // each has its place
inline constexpr std::size_t kLargerBatchSizes = 64;    // so many others get one when they are first seen

// Upper bounds of the histogram of rows in one execution; one more bucket lies above the last.
inline constexpr std::array<std::uint64_t, 11> kRowBounds = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};

struct OfBatchCounters {
  Counter executions, input, infer, output;  // durations in nanoseconds
};

// Of a size above kCountedBatchSizes; the last place takes all that come later.
struct OfLargerBatchCounters {
  Counter rows;  // 0: nobody's yet
  OfBatchCounters counted;
};

struct alignas(64) LaneCounters {
  Counter rows, executions;
  Counter succeeded, success_time, failed, fail_time;
  Counter queue_time, input_time, infer_time, output_time;  // of requests that succeeded
  Counter last_at;                                          // steady clock, nanoseconds; 0: never
  Counter dropped_records, dropped_probability;             // predictions without a record; in 1e-9, of their draws
  std::array<OfBatchCounters, kCountedBatchSizes + 1> by_batch;
  std::array<OfLargerBatchCounters, kLargerBatchSizes> by_larger_batch;
  std::array<Counter, kRowBounds.size() + 1> by_rows;  // executions
  std::array<ProtocolCounters, kMaxProtocols> protocols;

  // That lane's thread only.
  void count_dropped_record(double probability) {
    dropped_records.add(1);
    dropped_probability.add(static_cast<std::uint64_t>(probability * 1e9));
  }
  ProtocolCounters& protocol(std::string_view name);
  OfBatchCounters& of_batch(std::uint64_t size);
};

// What was mirrored to a version, from one lane. It is not part of what the version did for callers.
struct alignas(64) MirrorCounters {
  // The lane's.
  Counter mirrored;
  Counter dropped, dropped_probability;  // for want of room; in 1e-9, of being mirrored
  // The mirror's thread's.
  alignas(64) Counter answered;
  Counter failed, unrecorded, execution_time;
};

// Owned by a served version; one LaneCounters per lane. Reading: any thread.
class VersionCounters {
 public:
  explicit VersionCounters(std::size_t lanes) : lanes_(lanes), mirrors_(lanes) {}
  LaneCounters& lane(std::size_t index) { return lanes_[index]; }
  std::span<const LaneCounters> lanes() const { return lanes_; }
  MirrorCounters& mirror(std::size_t lane) { return mirrors_[lane]; }
  std::span<const MirrorCounters> mirrors() const { return mirrors_; }

  // Sums; `now` and `wall` turn the last inference into a time of day.
  ports::ModelStatistics sum(TimePoint now, WallTime wall) const;

 private:
  std::vector<LaneCounters> lanes_;
  std::vector<MirrorCounters> mirrors_;
};

}  // namespace slipway::serving
