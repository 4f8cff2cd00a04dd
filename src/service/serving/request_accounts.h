// What a lane writes into its counters when a request or an execution ends.
#pragma once

#include <algorithm>

#include "service/serving/execution.h"

namespace slipway::serving {

struct Answered {
  Duration latency{0};
  Duration queued{0};
  std::string_view protocol;
};

inline std::uint64_t nanoseconds(Duration duration) {
  return duration.count() < 0 ? 0 : static_cast<std::uint64_t>(duration.count());
}

inline void count_answer(LaneCounters& counters, const Answered& answered, const Timings& timings) {
  counters.succeeded.add(1);
  counters.success_time.add(nanoseconds(answered.latency));
  counters.queue_time.add(nanoseconds(answered.queued));
  counters.input_time.add(nanoseconds(timings.input));
  counters.infer_time.add(nanoseconds(timings.infer));
  ProtocolCounters& protocol = counters.protocol(answered.protocol);
  protocol.succeeded.add(1);
  protocol.latency[latency_bucket(answered.latency.count())].add(1);
  protocol.latency_sum.add(nanoseconds(answered.latency));
}

inline void count_failure(LaneCounters& counters, std::string_view protocol, Duration took, ErrorCode code) {
  counters.failed.add(1);
  counters.fail_time.add(nanoseconds(took));
  counters.protocol(protocol).failed[static_cast<std::size_t>(code)].add(1);
}

// `requests` answers were made by it, in `output`.
inline void count_execution(LaneCounters& counters, std::uint64_t rows, std::uint64_t requests, const Timings& timings,
                            Duration output) {
  counters.rows.add(rows);
  counters.executions.add(1);
  counters.output_time.add(nanoseconds(output) * requests);
  counters.by_rows[static_cast<std::size_t>(std::ranges::lower_bound(kRowBounds, rows) - kRowBounds.begin())].add(1);
  counters.last_at.set(static_cast<std::uint64_t>(timings.ran_at.time_since_epoch().count()));
  OfBatchCounters& of_size = counters.of_batch(rows);
  of_size.executions.add(1);
  of_size.input.add(nanoseconds(timings.input));
  of_size.infer.add(nanoseconds(timings.infer));
  of_size.output.add(nanoseconds(output));
}

}  // namespace slipway::serving
