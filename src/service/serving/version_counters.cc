#include "service/serving/version_counters.h"

#include <algorithm>
#include <map>

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

OfBatchCounters& LaneCounters::of_batch(std::uint64_t size) {
  if (size <= kCountedBatchSizes) return by_batch[size];
  for (OfLargerBatchCounters& each : by_larger_batch) {
    if (each.rows.value() == 0) each.rows.set(size);
    if (each.rows.value() == size) return each.counted;
  }
  return by_larger_batch.back().counted;
}

ports::ModelStatistics VersionCounters::sum(TimePoint now, WallTime wall) const {
  ports::ModelStatistics sum;
  std::uint64_t last = 0;
  std::map<std::uint64_t, ports::ModelStatistics::OfBatch> by_batch;
  const auto add_batch = [&by_batch](std::uint64_t rows, const OfBatchCounters& from) {
    const std::uint64_t executions = from.executions.value();
    if (executions == 0) return;
    ports::ModelStatistics::OfBatch& into = by_batch[rows];
    into.rows = rows;
    add(into.compute_input, executions, from.input);
    add(into.compute_infer, executions, from.infer);
    add(into.compute_output, executions, from.output);
  };
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
    for (std::size_t rows = 1; rows < lane.by_batch.size(); ++rows) add_batch(rows, lane.by_batch[rows]);
    for (const OfLargerBatchCounters& larger : lane.by_larger_batch) add_batch(larger.rows.value(), larger.counted);
  }
  for (const auto& [rows, counted] : by_batch) sum.by_batch.push_back(counted);
  if (last != 0) {
    const Duration ago = now.time_since_epoch() - Duration(static_cast<std::int64_t>(last));
    sum.last_inference = wall - std::chrono::duration_cast<std::chrono::microseconds>(ago);
  }
  return sum;
}

}  // namespace slipway::serving
