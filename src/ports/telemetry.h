// Telemetry: counters are kept where they are counted and collected when somebody asks.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string_view>

namespace slipway::ports {

struct MetricLabel {
  std::string_view key;
  std::string_view value;
};
using MetricLabels = std::span<const MetricLabel>;
enum class MetricKind : std::uint8_t { Counter, Gauge, Histogram };

// Receives the samples of one collection. Names follow Prometheus: slipway_*, base units, counters end in _total.
class MetricVisitor {
 public:
  virtual ~MetricVisitor() = default;
  // Opens a family; the samples that follow belong to it. A family opened twice (by two sources) is merged.
  virtual void family(std::string_view name, std::string_view help, MetricKind kind) = 0;
  virtual void sample(MetricLabels labels, double value) = 0;
  // `bounds` ascending upper bounds (seconds, rows, ...), `counts` one more than bounds, not cumulative.
  virtual void histogram(MetricLabels labels, std::span<const double> bounds, std::span<const std::uint64_t> counts,
                         double sum) = 0;
};

// Whoever counts something. collect(): any thread, while counting goes on; takes no lock the hot path takes.
class MetricSource {
 public:
  virtual ~MetricSource() = default;
  virtual void collect(MetricVisitor& visitor) const = 0;
};

}  // namespace slipway::ports
