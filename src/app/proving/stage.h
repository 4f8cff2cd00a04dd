// The stage: what a controller needs around it, made up: served traffic and a clock.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "ports/traffic_control.h"

namespace slipway::proving {

inline constexpr model::VersionNumber kControl = 1, kCandidate = 2;

// Serves at once what it is told. One thread.
class StagedTraffic final : public ports::TrafficControl {
 public:
  Result<ports::ServedTraffic> served(std::string_view environment, const model::ModelName& model) override;
  Result<void> expect_servable(const model::ModelName& model, model::VersionNumber version) override;
  Result<void> serve(const rollout::Rollout& rollout, const rollout::Traffic& traffic, std::uint64_t expected,
                     std::uint64_t number) override;
  bool can_mirror() const override { return true; }
  Result<void> approve(const rollout::Rollout&, const rollout::Person&, std::uint64_t) override { return {}; }
  Result<void> expect_approved(const rollout::Rollout&) override { return {}; }

  double candidates_share() const { return candidates_share_; }
  double mirrored() const { return served_.traffic.mirrored.count / static_cast<double>(model::kWhole.count); }

 private:
  ports::ServedTraffic served_{{{{kControl, model::kWhole}}, {}}, 1, true, {}};
  double candidates_share_ = 0;
};

// Seconds since the rollout began, and a wall clock that may be wrong. One thread.
class StagedClock final : public Clock {
 public:
  TimePoint now() const override;
  WallTime wall_now() const override;

  void move_to(double seconds) { seconds_ = seconds; }
  void jump(double seconds) { wrong_ += seconds; }  // of the wall clock alone, for good

 private:
  double seconds_ = 0, wrong_ = 0;
};

}  // namespace slipway::proving
