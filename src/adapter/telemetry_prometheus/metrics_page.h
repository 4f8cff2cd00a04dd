// MetricsPage: gathers the samples of every source and writes them as one Prometheus text page.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ports/telemetry.h"

namespace slipway::telemetry_prometheus {

// Media type of the page.
inline constexpr std::string_view kPageType = "text/plain; version=0.0.4; charset=utf-8";

// One collection; one thread. A family opened by two sources is merged, and samples with equal labels are added up.
// Samples that would break the page (a wrong name, another kind, other bounds) or exceed the limits are left out and
// counted in slipway_metrics_refused.
class MetricsPage final : public ports::MetricVisitor {
 public:
  struct Limits {
    std::size_t families = 500;
    std::size_t series_per_family = 5'000;
  };
  MetricsPage() : MetricsPage(Limits{}) {}
  explicit MetricsPage(Limits limits) : limits_(limits) {}

  void family(std::string_view name, std::string_view help, ports::MetricKind kind) override;
  void sample(ports::MetricLabels labels, double value) override;
  void histogram(ports::MetricLabels labels, std::span<const double> bounds, std::span<const std::uint64_t> counts,
                 double sum) override;

  std::string text() const;  // families in the order of their names

 private:
  struct Series {
    double value = 0;  // of a histogram: the sum of what was observed
    std::vector<double> bounds;
    std::vector<std::uint64_t> counts;
  };
  struct Family {
    std::string help;
    ports::MetricKind kind;
    std::map<std::string, Series> series;  // by their labels as written: key="value",...
  };
  Series* series_of(ports::MetricLabels labels, bool histogram);

  Limits limits_;
  std::map<std::string, Family, std::less<>> families_;
  Family* open_ = nullptr;
  std::uint64_t refused_ = 0;
};

}  // namespace slipway::telemetry_prometheus
