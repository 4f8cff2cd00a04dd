#include "domain/batching/cost_model.h"

#include <algorithm>
#include <bit>

namespace slipway::batching {
namespace {

constexpr double kMemory = 16;           // an observation weighs at least 1/16
constexpr double kStep = 0.5;            // and moves a mean by at most half of it
constexpr double kFading = 0.97;         // what one observation leaves of the weight of the other groups
constexpr std::uint32_t kFitEvery = 16;  // observations between two fits
constexpr double kWarmupRows = 64;       // where a line is pinned besides n = 1
constexpr double kShapeWeight = 0.5;     // observations at each of the two, of the line measured at warm-up

std::size_t group_of(std::uint64_t rows, std::size_t groups) {
  return std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(std::max<std::uint64_t>(rows, 1)) - 1),
                               groups - 1);
}

}  // namespace

CostModel::CostModel(const model::Cost& measured) : known_(true) {
  fixed_ = static_cast<double>(measured.fixed.count());
  per_row_ = static_cast<double>(measured.per_row.count());
  measured_ = {true, fixed_, per_row_};
  for (const double rows : {1.0, kWarmupRows}) {
    Group& group = groups_[group_of(static_cast<std::uint64_t>(rows), groups_.size())];
    group = {rows, std::max(1.0, fixed_ + per_row_ * rows), 4};
  }
}

void CostModel::observe(std::uint64_t rows, Duration took) {
  Group& group = groups_[group_of(rows, groups_.size())];
  const double count = group.count / scale_;
  const auto n = static_cast<double>(rows);
  const double sample = std::max(1.0, static_cast<double>(took.count()));
  if (count == 0) {
    // A first sample is held against the line, so that an outlier does not become a group's mean.
    const double expected = fixed_ + per_row_ * n;
    group.took = known_ && expected > 0 ? std::clamp(sample, expected * kStep, expected / kStep) : sample;
    group.rows = n;
  } else {
    // The group's mean, seen at this n.
    const double scale = (fixed_ + per_row_ * n) / std::max(1.0, fixed_ + per_row_ * group.rows);
    const double reference = std::max(1.0, group.took * (scale > 0 ? scale : 1));
    const double deviation = std::clamp((sample - reference) / reference, -kStep, kStep);
    const double weight = 1 / std::min(count + 1, kMemory);
    group.took *= 1 + weight * deviation;
    group.took = std::max(1.0, group.took);
  }
  // The others fade: their counts stay while the scale they are read in grows.
  scale_ /= kFading;
  group.count = std::min(count + 1, kMemory) * scale_;
  if (!known_ || ++since_fit_ >= kFitEvery) fit();
}

model::Cost CostModel::cost() const {
  return {Duration(static_cast<std::int64_t>(fixed_)), Duration(static_cast<std::int64_t>(per_row_))};
}

void CostModel::fit() {
  for (Group& group : groups_) group.count /= scale_;
  scale_ = 1;
  since_fit_ = 0;
  known_ = true;
  double weights = 0, rows = 0, took = 0, rows_rows = 0, rows_took = 0;
  const auto add = [&](double n, double t, double count) {
    const double weight = count / (t * t);
    weights += weight;
    rows += weight * n;
    took += weight * t;
    rows_rows += weight * n * n;
    rows_took += weight * n * t;
  };
  double heard = 0, ratio = 0;  // how far the groups lie from the measured line
  for (const Group& group : groups_) {
    if (group.count < 1e-6) continue;
    add(group.rows, group.took, group.count);
    heard += group.count;
    ratio += group.count * group.took / std::max(1.0, measured_.at(group.rows));
  }
  if (measured_.is_known) {
    // One size of batch says nothing of the slope, and two close ones say noise: the measured shape speaks softly too.
    for (const double n : {1.0, kWarmupRows}) {
      add(n, std::max(1.0, measured_.at(n) * ratio / heard), kShapeWeight);
    }
  }
  const double spread = weights * rows_rows - rows * rows;
  if (spread > 1e-9 * weights * rows_rows) {
    per_row_ = std::max(0.0, (weights * rows_took - rows * took) / spread);
    fixed_ = (took - per_row_ * rows) / weights;
  } else {  // never measured, and one size only: all of it is taken as fixed until another size is seen
    per_row_ = 0;
    fixed_ = took / weights;
  }
  if (fixed_ < 0) {
    fixed_ = 0;
    per_row_ = rows_took / rows_rows;
  }
}

}  // namespace slipway::batching
