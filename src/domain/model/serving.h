// DesiredServing: what the control plane wants served. The only bridge to the request path.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/model/assignment_rule.h"
#include "domain/model/name.h"

namespace slipway::model {

// Hundredths of a percent.
struct BasisPoints {
  std::uint32_t count = 0;
  auto operator<=>(const BasisPoints&) const = default;
};
inline constexpr BasisPoints kWhole{10'000};

inline constexpr std::size_t kMostShares = 32;  // versions of one model served at once

struct Share {
  VersionNumber version;
  BasisPoints share;
  bool operator==(const Share&) const = default;
};

// Shares of traffic over versions: each version once, sum exactly 10 000. A value.
class TrafficSplit {
 public:
  static Result<TrafficSplit> parse(std::vector<Share> shares);  // InvalidInput: empty, duplicate version, wrong sum
  static TrafficSplit all_to(VersionNumber version);

  std::span<const Share> shares() const { return shares_; }
  bool operator==(const TrafficSplit&) const = default;

 private:
  explicit TrafficSplit(std::vector<Share> shares) : shares_(std::move(shares)) {}
  std::vector<Share> shares_;
};

// Another version that requests go to as well, once their callers have their answers: its own answers are compared, and
// seen by nobody. A value.
struct Mirror {
  VersionNumber to = 0;
  BasisPoints share = kWhole;  // of the requests that are drawn for the control
  bool operator==(const Mirror&) const = default;
};

// Per (environment, model). Written by the registry by compare-and-set on `revision`; absent means: unload.
struct DesiredServing {
  std::string environment;
  ModelName model;
  TrafficSplit split;
  AssignmentRule assignment = {};
  std::optional<Mirror> mirror = {};
  bool operator==(const DesiredServing&) const = default;
};

// Who answers what does not take part in the split: the version the rule names, else the one with the largest share.
VersionNumber control_of(const TrafficSplit& split, const AssignmentRule& rule);
// InvalidInput: it goes to no version of the split or to the control itself, or has no share.
Result<void> check(const Mirror& mirror, const TrafficSplit& split, const AssignmentRule& rule);

// One state that desired serving was once given; kept, so that a rollback finds its way back after any restart.
struct ServingEntry {
  std::string environment;
  ModelName model;
  std::uint64_t number = 1;  // the revision of DesiredServing that it was
  TrafficSplit split;
  bool live = false;           // every version of it was loaded and served while it was the desired one
  std::uint64_t previous = 0;  // the entry a rollback of this one starts from; 0: none
  WallTime written_at{};
  bool operator==(const ServingEntry&) const = default;
};

}  // namespace slipway::model
