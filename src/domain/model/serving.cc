#include "domain/model/serving.h"

#include <algorithm>

namespace slipway::model {

Result<TrafficSplit> TrafficSplit::parse(std::vector<Share> shares) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    sum += shares[i].share.count;
    const auto same = [&](const Share& other) { return other.version == shares[i].version; };
    if (std::count_if(shares.begin(), shares.end(), same) > 1) {
      return invalid_input("version " + std::to_string(shares[i].version) + " occurs twice in the traffic split");
    }
  }
  if (sum != kWhole.count) {
    return invalid_input("expected shares that sum to 10000 basis points, found " + std::to_string(sum));
  }
  return TrafficSplit(std::move(shares));
}

TrafficSplit TrafficSplit::all_to(VersionNumber version) {
  return TrafficSplit({{version, kWhole}});
}

VersionNumber control_of(const TrafficSplit& split, const AssignmentRule& rule) {
  const auto named = std::ranges::find(split.shares(), rule.control, &Share::version);
  if (named != split.shares().end()) return rule.control;
  return std::ranges::max_element(split.shares(), {}, &Share::share)->version;
}

Result<void> check(const Mirror& mirror, const TrafficSplit& split, const AssignmentRule& rule) {
  if (mirror.share.count == 0 || mirror.share > kWhole) {
    return invalid_input("mirror.share: expected 1 to 10000 basis points, found " + std::to_string(mirror.share.count));
  }
  if (std::ranges::find(split.shares(), mirror.to, &Share::version) == split.shares().end()) {
    return invalid_input("mirror.to: expected a version of the split, found " + std::to_string(mirror.to));
  }
  if (mirror.to == control_of(split, rule)) {
    return invalid_input("mirror.to: expected another version than the one that answers, found version " +
                         std::to_string(mirror.to));
  }
  return {};
}

}  // namespace slipway::model
