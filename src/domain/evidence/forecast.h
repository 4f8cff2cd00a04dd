// Forecast: the traffic that the steps of a rollout take, said before there is any.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/evidence/plan.h"

namespace slipway::evidence {

enum class Aim : std::uint8_t {
  Power,  // harm of the design size would have been found
  Pass,   // and every guardrail is shown to be no worse by its margin
};

// What a step takes before it is left, if both versions are equally good: about the median.
struct Takes {
  std::optional<double> requests;  // or units of a plan with unit keys, of both versions; none: see `why`
  std::string metric;              // that takes longest
  std::string why;                 // empty unless there is no number
};

// That harm of the design size is found by all that was served.
struct Detection {
  std::string metric;
  std::string effect;  // "twice as many"
  std::optional<double> chance;
};

// Walks through the steps of a plan with the growth of evidence that judge() goes by. What is not known beforehand is
// taken as wide as it can be: outcomes as far from 0 as they get. A value; one thread.
class Forecast {
 public:
  // Requires: check(plan) has no complaint. `error_rate` of control, 0 to 1.
  Forecast(const EvidencePlan& plan, double error_rate);

  Takes requests_to(Aim aim, double share) const;  // more of them, with this share for the candidate
  Takes pairs_to_pass() const;                     // of a step in the shadow, if no pair differs
  void serve(double share, double requests);       // moves on; a share of 0 or 1 says nothing
  std::vector<Detection> detections() const;       // of each metric

 private:
  struct Metric {
    double mean = 0, variance = 0;  // of the evidence of harm, if there is harm of the design size
    std::array<double, 2> safe{};   // of the evidence of no harm, if there is none; by margin
    double least = 0;               // units of the arm with fewer
  };
  struct Rates {
    std::optional<double> mean, variance;
    std::array<std::optional<double>, 2> safe;
  };
  Rates rates_of(const MetricPlan& plan, double share) const;
  double harm_bar(const MetricPlan& plan) const;
  std::optional<double> to_power(std::size_t metric, const Rates& rates) const;
  std::optional<double> to_safe(std::size_t metric, const Rates& rates) const;
  std::optional<double> to(Aim aim, std::size_t metric, double share) const;
  bool is_planned(std::size_t metric) const;
  bool can_pass() const;

  EvidencePlan plan_;
  double error_rate_;
  double all_weights_ = 0, served_ = 0;
  std::vector<Metric> metrics_;
};

}  // namespace slipway::evidence
