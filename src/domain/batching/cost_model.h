// CostModel: what executing n rows at once costs, t(n) = a + b·n; measured at warm-up, corrected while serving.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/clock.h"
#include "domain/batching/batch_plan.h"
#include "domain/model/version.h"

namespace slipway::batching {

// A value; one thread. Observations are gathered per power of two of n, each with bounded influence, so that a
// preempted execution moves the estimate by little and a lasting change is followed within some dozens of executions. a
// and b are the weighted least-squares line through the groups and, softly, the line measured at warm-up, scaled to
// them (weights: number of observations / t²), never negative.
class CostModel {
 public:
  CostModel() = default;
  explicit CostModel(const model::Cost& measured);

  void observe(std::uint64_t rows, Duration took);

  bool is_known() const { return known_; }
  Duration estimate(std::uint64_t rows) const {
    return Duration(static_cast<std::int64_t>(std::min(fixed_ + per_row_ * static_cast<double>(rows), kLongestWork)));
  }
  model::Cost cost() const;

 private:
  struct Group {
    double rows = 0;  // means
    double took = 0;
    double count = 0;  // times scale_
  };
  struct Line {
    bool is_known = false;
    double fixed = 0, per_row = 0;  // nanoseconds
    double at(double rows) const { return fixed + per_row * rows; }
  };
  void fit();

  std::array<Group, 20> groups_{};
  double scale_ = 1;
  Line measured_;     // at warm-up
  double fixed_ = 0;  // nanoseconds
  double per_row_ = 0;
  std::uint32_t since_fit_ = 0;
  bool known_ = false;
};

}  // namespace slipway::batching
