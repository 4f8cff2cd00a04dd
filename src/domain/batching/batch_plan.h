// Who goes into the next batch, where it runs and when: pure answers from a cost t(n) = a + b·n.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "domain/model/manifest.h"
#include "domain/model/version.h"

namespace slipway::batching {

// Nanoseconds, about a year: a request may declare any number of rows of no bytes, and the cost of as many is no
// integer.
inline constexpr double kLongestWork = 3e16;

// executions * a + rows * b.
Duration time_of(const model::Cost& cost, std::uint64_t executions, std::uint64_t rows);

// Where a version executes: on the event loop that read the request, or on threads of its own.
enum class Placement : std::uint8_t { Inline, Queued };

inline constexpr Duration kTickBudget = std::chrono::microseconds(500);  // of inline work in one tick of a loop
inline constexpr Duration kLoneBudget = std::chrono::milliseconds(4);   // the same in a tick that nobody else waits for
inline constexpr Duration kLoneAfter = std::chrono::milliseconds(100);  // without a request to another version

// Inline up to a + b of 100 µs, and up to 250 µs when batches pay: when a tick's budget carries eight rows.
Placement first_placement(const model::Cost& cost, model::Execution asked);
// The same with hysteresis: an inline version leaves above 1.3 times these limits, a queued one enters below 0.75
// times.
Placement next_placement(const model::Cost& cost, model::Execution asked, Placement now);

// What else the loop of a queued version has to do.
struct Company {
  std::uint32_t cores = 1;  // that the process may use
  std::size_t loops = 1;    // of the process
  Duration alone{0};        // since its loop was last asked for another version
};
// The budget of a tick for a version that is queued: how long it may run on the loop all the same. Nothing, unless the
// process has one core, where an execution thread only takes turns with the loop, and one loop, which serves nobody
// else: of several loops none knows what the others have to do.
Duration budget_on_loop(model::Execution asked, const Company& company);

// The batch from which doubling it lowers the cost of a row by less than 5 %: n >= 9·a/b. At least 1; at most `limit`
// (0: no limit but 65,536).
std::uint64_t best_batch(const model::Cost& cost, std::uint64_t limit);

// How many rows may run without exceeding `budget`; at least 1.
std::uint64_t rows_within(const model::Cost& cost, Duration budget);

struct Waiting {
  std::uint64_t rows = 0;          // already there
  double arrivals_per_second = 0;  // of rows, measured
  Duration slack{0};               // until the earliest deadline
  std::uint64_t best = 1;          // best_batch()
};
// True if holding a batch for one more row lowers the mean latency: arrivals > (n + 1) / (a - n·b), n is below the best
// batch and the earliest deadline leaves time for the next arrival and the execution.
bool is_worth_waiting(const model::Cost& cost, const Waiting& waiting);

// How long a request would wait behind `ahead`, the estimated cost of everything before it, on so many threads.
Duration queue_time(Duration ahead, std::uint32_t instances);

// What an estimate may use of the time that is left until a deadline: seven eighths. The rest is for what it does not
// know: the thread that waits for its core, the way back through the loop. Without it a full queue is full of requests
// that end a moment too late.
Duration usable(Duration left);

// Rows per second, as an exponential mean over about the last 100 ms. A value; one thread.
class ArrivalRate {
 public:
  void observe(TimePoint now, std::uint64_t rows);
  double per_second(TimePoint now) const;

 private:
  TimePoint last_{};
  double rate_ = 0;
};

}  // namespace slipway::batching
