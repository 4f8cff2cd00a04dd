// PredictionService's metrics: sums over lanes, made when somebody asks.
#include <algorithm>

#include "service/serving/batch_queue.h"
#include "service/serving/prediction_service.h"

namespace slipway::serving {
namespace {

using ports::MetricKind;
using ports::MetricLabel;
using ports::MetricVisitor;

constexpr double kNanosecond = 1e-9;

double as_double(std::uint64_t count) {
  return static_cast<double>(count);
}

// One protocol's counters of one version, over all lanes.
struct ProtocolSum {
  std::string_view name;
  std::uint64_t succeeded = 0;
  std::array<std::uint64_t, kErrorCodeCount> failed{};
  std::array<std::uint64_t, kLatencyBounds.size() + 1> latency{};
  std::uint64_t latency_sum = 0;
};

std::vector<ProtocolSum> sum_protocols(const VersionCounters& counters) {
  std::vector<ProtocolSum> sums;
  for (const LaneCounters& lane : counters.lanes()) {
    for (const ProtocolCounters& protocol : lane.protocols) {
      const char* name = protocol.name.load(std::memory_order_acquire);
      if (name == nullptr) continue;
      const std::string_view text(name, protocol.name_size.load(std::memory_order_relaxed));
      auto found = std::ranges::find(sums, text, &ProtocolSum::name);
      if (found == sums.end()) {
        sums.push_back({.name = text});
        found = sums.end() - 1;
      }
      found->succeeded += protocol.succeeded.value();
      found->latency_sum += protocol.latency_sum.value();
      for (std::size_t i = 0; i < found->failed.size(); ++i) found->failed[i] += protocol.failed[i].value();
      for (std::size_t i = 0; i < found->latency.size(); ++i) found->latency[i] += protocol.latency[i].value();
    }
  }
  return sums;
}

// Calls `each` with (version, labels of model and version) for every version served.
template <class Each>
void for_versions(const ServingTable& table, Each&& each) {
  for (const auto& [name, route] : table.routes()) {
    for (const Route::Arm& arm : route.arms) {
      const std::array<MetricLabel, 2> labels = {{{"model", name}, {"version", arm.version->described().version_text}}};
      each(*arm.version, labels);
    }
  }
}

void visit_requests(const ServingTable& table, MetricVisitor& visitor) {
  visitor.family("slipway_requests_total", "Prediction requests answered, by outcome", MetricKind::Counter);
  for_versions(table, [&](const ServedVersion& version, const auto& of) {
    for (const ProtocolSum& sum : sum_protocols(version.counters())) {
      visitor.sample(std::array<MetricLabel, 4>{{of[0], of[1], {"protocol", sum.name}, {"outcome", "ok"}}},
                     as_double(sum.succeeded));
      for (std::size_t code = 0; code < sum.failed.size(); ++code) {
        if (sum.failed[code] == 0) continue;
        const std::string_view outcome = name_of(static_cast<ErrorCode>(code));
        visitor.sample(std::array<MetricLabel, 4>{{of[0], of[1], {"protocol", sum.name}, {"outcome", outcome}}},
                       as_double(sum.failed[code]));
      }
    }
  });
  visitor.family("slipway_request_duration_seconds", "From a request's last byte to its computed answer",
                 MetricKind::Histogram);
  std::array<double, kLatencyBounds.size()> bounds;
  for (std::size_t i = 0; i < bounds.size(); ++i) bounds[i] = static_cast<double>(kLatencyBounds[i]) * kNanosecond;
  for_versions(table, [&](const ServedVersion& version, const auto& of) {
    for (const ProtocolSum& sum : sum_protocols(version.counters())) {
      visitor.histogram(std::array<MetricLabel, 3>{{of[0], of[1], {"protocol", sum.name}}}, bounds, sum.latency,
                        as_double(sum.latency_sum) * kNanosecond);
    }
  });
}

void visit_batches(const ServingTable& table, MetricVisitor& visitor) {
  visitor.family("slipway_rows_total", "Rows executed", MetricKind::Counter);
  for_versions(table, [&](const ServedVersion& version, const auto& of) {
    std::uint64_t rows = 0;
    for (const LaneCounters& lane : version.counters().lanes()) rows += lane.rows.value();
    visitor.sample(of, as_double(rows));
  });
  visitor.family("slipway_batch_rows", "Rows of one execution", MetricKind::Histogram);
  std::array<double, kRowBounds.size()> bounds;
  std::ranges::transform(kRowBounds, bounds.begin(), as_double);
  for_versions(table, [&](const ServedVersion& version, const auto& of) {
    std::array<std::uint64_t, kRowBounds.size() + 1> counts{};
    std::uint64_t rows = 0;
    for (const LaneCounters& lane : version.counters().lanes()) {
      rows += lane.rows.value();
      for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += lane.by_rows[i].value();
    }
    visitor.histogram(of, bounds, counts, as_double(rows));
  });
  visitor.family("slipway_execution_seconds_total", "Time spent in engines", MetricKind::Counter);
  for_versions(table, [&](const ServedVersion& version, const auto& of) {
    std::uint64_t spent = 0;
    for (const LaneCounters& lane : version.counters().lanes()) {
      for (const OfBatchCounters& size : lane.by_batch) spent += size.infer.value();
      for (const OfLargerBatchCounters& size : lane.by_larger_batch) spent += size.counted.infer.value();
    }
    visitor.sample(of, as_double(spent) * kNanosecond);
  });
}

void visit_queues(const ServingTable& table, MetricVisitor& visitor) {
  visitor.family("slipway_queue_requests", "Requests waiting for an execution thread", MetricKind::Gauge);
  for_versions(table, [&](const ServedVersion& version, const auto& of) {
    visitor.sample(of, as_double(version.queue().load().requests));
  });
  visitor.family("slipway_queue_wait_seconds", "Estimated wait of a request that came now", MetricKind::Gauge);
  for_versions(table, [&](const ServedVersion& version, const auto& of) {
    visitor.sample(of, std::chrono::duration<double>(version.queue().load().wait).count());
  });
}

std::uint64_t sum_of(const ServedVersion& version, Counter LaneCounters::* counter) {
  std::uint64_t all = 0;
  for (const LaneCounters& lane : version.counters().lanes()) all += (lane.*counter).value();
  return all;
}

void visit_records(const ServingTable& table, const PredictionRecorder* recorder, MetricVisitor& visitor) {
  if (recorder == nullptr) return;
  visitor.family("slipway_prediction_records_total", "Records of predictions, by what became of them",
                 MetricKind::Counter);
  visitor.sample(std::array<MetricLabel, 1>{{{"outcome", "kept"}}}, as_double(recorder->recorded()));
  visitor.sample(std::array<MetricLabel, 1>{{{"outcome", "lost"}}}, as_double(recorder->lost()));
  visitor.family("slipway_prediction_records_dropped_total",
                 "Predictions without a record, since there was no room when they were admitted", MetricKind::Counter);
  for_versions(table, [&](const ServedVersion& version, const auto& of) {
    visitor.sample(of, as_double(sum_of(version, &LaneCounters::dropped_records)));
  });
  visitor.family("slipway_prediction_records_dropped_probability_total",
                 "The sum of the probabilities of their assignments", MetricKind::Counter);
  for_versions(table, [&](const ServedVersion& version, const auto& of) {
    visitor.sample(of, as_double(sum_of(version, &LaneCounters::dropped_probability)) * kNanosecond);
  });
}

// Of versions to which something was mirrored.
void visit_mirrors(const ServingTable& table, MetricVisitor& visitor) {
  const auto sum = [](const ServedVersion& version, Counter MirrorCounters::* counter) {
    std::uint64_t all = 0;
    for (const MirrorCounters& lane : version.counters().mirrors()) all += (lane.*counter).value();
    return as_double(all);
  };
  const auto for_mirrors = [&](const auto& each) {
    for_versions(table, [&](const ServedVersion& version, const auto& of) {
      if (sum(version, &MirrorCounters::mirrored) + sum(version, &MirrorCounters::dropped) > 0) each(version, of);
    });
  };
  visitor.family("slipway_mirrored_requests_total", "Requests that another version was to answer as well, by outcome",
                 MetricKind::Counter);
  constexpr std::array<std::pair<std::string_view, Counter MirrorCounters::*>, 4> kOutcomes = {
      {{"taken", &MirrorCounters::mirrored},
       {"ok", &MirrorCounters::answered},
       {"failed", &MirrorCounters::failed},
       {"dropped", &MirrorCounters::dropped}}};
  for_mirrors([&](const ServedVersion& version, const auto& of) {
    for (const auto& [outcome, counter] : kOutcomes) {
      visitor.sample(std::array<MetricLabel, 3>{{of[0], of[1], {"outcome", outcome}}}, sum(version, counter));
    }
  });
  visitor.family("slipway_mirrored_requests_dropped_probability_total",
                 "The sum of the probabilities with which those that were dropped had been mirrored",
                 MetricKind::Counter);
  for_mirrors([&](const ServedVersion& version, const auto& of) {
    visitor.sample(of, sum(version, &MirrorCounters::dropped_probability) * kNanosecond);
  });
  visitor.family("slipway_mirror_records_dropped_total", "Answers to mirrored requests that found no room for a record",
                 MetricKind::Counter);
  for_mirrors([&](const ServedVersion& version, const auto& of) {
    visitor.sample(of, sum(version, &MirrorCounters::unrecorded));
  });
  visitor.family("slipway_mirror_execution_seconds_total", "Time spent in engines for mirrored requests",
                 MetricKind::Counter);
  for_mirrors([&](const ServedVersion& version, const auto& of) {
    visitor.sample(of, sum(version, &MirrorCounters::execution_time) * kNanosecond);
  });
}

}  // namespace

std::vector<ports::DroppedPredictions> PredictionService::dropped() const {
  std::vector<ports::DroppedPredictions> all;
  const auto table = table_.current();
  for (const auto& [name, route] : table->routes()) {
    for (const Route::Arm& arm : route.arms) {
      const ServedVersion& version = *arm.version;
      all.push_back({.model = model::hash_of(name),
                     .version = version.described().version,
                     .count = sum_of(version, &LaneCounters::dropped_records),
                     .probability = as_double(sum_of(version, &LaneCounters::dropped_probability)) * kNanosecond});
    }
  }
  if (recorder_ != nullptr) all.push_back({.count = recorder_->lost()});
  return all;
}

void PredictionService::collect(ports::MetricVisitor& visitor) const {
  const auto table = table_.current();
  visit_requests(*table, visitor);
  visit_batches(*table, visitor);
  visit_queues(*table, visitor);
  visit_records(*table, recorder_, visitor);
  visit_mirrors(*table, visitor);
  visitor.family("slipway_requests_refused_total", "Requests that reached no version, by reason", MetricKind::Counter);
  for (std::size_t code = 0; code < kErrorCodeCount; ++code) {
    std::uint64_t refused = 0;
    for (const auto& lane : lanes_) refused += lane->refusals().refused[code].value();
    const std::array<MetricLabel, 1> labels = {{{"reason", name_of(static_cast<ErrorCode>(code))}}};
    if (refused != 0) visitor.sample(labels, as_double(refused));
  }
}

}  // namespace slipway::serving
