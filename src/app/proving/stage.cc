#include "app/proving/stage.h"

namespace slipway::proving {
namespace {

constexpr std::chrono::sys_days kFirstDay{std::chrono::year{2026} / 11 / 23};

}  // namespace

Result<ports::ServedTraffic> StagedTraffic::served(std::string_view, const model::ModelName&) {
  return served_;
}

Result<void> StagedTraffic::expect_servable(const model::ModelName&, model::VersionNumber) {
  return {};
}

Result<void> StagedTraffic::serve(const rollout::Rollout&, const rollout::Traffic& traffic, std::uint64_t expected,
                                  std::uint64_t) {
  if (expected != served_.revision) {
    return conflict("expected revision " + std::to_string(expected) + " of what is served, found " +
                    std::to_string(served_.revision));
  }
  served_.traffic = traffic;
  ++served_.revision;
  candidates_share_ = 0;
  for (const model::Share& share : traffic.shares) {
    if (share.version == kCandidate) candidates_share_ = share.share.count / static_cast<double>(model::kWhole.count);
  }
  return {};
}

TimePoint StagedClock::now() const {
  return TimePoint{std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds_))};
}

WallTime StagedClock::wall_now() const {
  return kFirstDay +
         std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::duration<double>(seconds_ + wrong_));
}

}  // namespace slipway::proving
