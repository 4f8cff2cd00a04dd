#include "service/serving/version_counters.h"

#include <algorithm>

namespace slipway::serving {
namespace {

using Timed = ports::ModelStatistics::Timed;

void add(Timed& into, std::uint64_t count, const Counter& total) {
  into.count += count;
  into.total += Duration(static_cast<std::int64_t>(total.value()));
}

}  // namespace

ProtocolCounters& LaneCounters::protocol(std::string_view name) {
  for (std::size_t i = 0; i + 1 < protocols.size(); ++i) {
    ProtocolCounters& each = protocols[i];
    const char* held = each.name.load(std::memory_order_relaxed);
    if (held == nullptr) {
      each.name_size.store(name.size(), std::memory_order_relaxed);
      each.name.store(name.data(), std::memory_order_release);
      return each;
    }
    if (held == name.data() || std::string_view(held, each.name_size.load(std::memory_order_relaxed)) == name)
      return each;
  }
  protocols.back().name_size.store(5, std::memory_order_relaxed);
  protocols.back().name.store("other", std::memory_order_release);
  return protocols.back();
}

ports::ModelStatistics VersionCounters::sum(TimePoint now, WallTime wall) const {
  ports::ModelStatistics sum;
  std::uint64_t last = 0;
  std::array<ports::ModelStatistics::OfBatch, kCountedBatchSizes + 1> by_batch{};
  for (const LaneCounters& lane : lanes_) {
    last = std::max(last, lane.last_at.value());
    sum.inferences += lane.rows.value();
    sum.executions += lane.executions.value();
    const std::uint64_t succeeded = lane.succeeded.value();
    add(sum.success, succeeded, lane.success_time);
    add(sum.fail, lane.failed.value(), lane.fail_time);
    add(sum.queue, succeeded, lane.queue_time);
    add(sum.compute_input, succeeded, lane.input_time);
    add(sum.compute_infer, succeeded, lane.infer_time);
    add(sum.compute_output, succeeded, lane.output_time);
    for (std::size_t rows = 1; rows < by_batch.size(); ++rows) {
      const OfBatchCounters& from = lane.by_batch[rows];
      add(by_batch[rows].compute_input, from.executions.value(), from.input);
      add(by_batch[rows].compute_infer, from.executions.value(), from.infer);
      add(by_batch[rows].compute_output, from.executions.value(), from.output);
    }
  }
  for (std::size_t rows = 1; rows < by_batch.size(); ++rows) {
    if (by_batch[rows].compute_infer.count == 0) continue;
    by_batch[rows].rows = rows;
    sum.by_batch.push_back(by_batch[rows]);
  }
  if (last != 0) {
    const Duration ago = now.time_since_epoch() - Duration(static_cast<std::int64_t>(last));
    sum.last_inference = wall - std::chrono::duration_cast<std::chrono::microseconds>(ago);
  }
  return sum;
}

}  // namespace slipway::serving
