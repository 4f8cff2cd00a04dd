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

}  // namespace slipway::model
