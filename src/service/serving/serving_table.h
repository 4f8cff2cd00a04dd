// ServingTable: which versions answer for which model, in which shares.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/snapshot.h"
#include "domain/model/assignment.h"
#include "domain/model/serving.h"
#include "service/serving/served_version.h"

namespace slipway::serving {

inline model::VersionNumber number_of(const ports::ServedModel& served, ports::Numbering numbering) {
  return numbering == ports::Numbering::Protocol ? served.protocol_version : served.version;
}

// One model's line. A value.
struct Route {
  struct Arm {
    ModelHandle version;
    std::uint32_t until;     // buckets below this one, and not below the previous arm's, are this arm's
    double probability = 0;  // of being drawn; the main arm's counts what belongs to versions that are not there
  };
  std::string model;
  std::uint64_t salt = 0;        // of its units
  std::uint64_t experiment = 0;  // the salt of its assignments
  std::uint64_t revision = 0;    // of the DesiredServing that the arms are; 0: some of it is not there
  model::AssignmentRule rule;
  bool keeps_units = false;  // requests say their unit also while one version answers all of them: the rule says more
  std::vector<Arm> arms;     // in the order of the split; empty: nothing is ready yet
  ModelHandle mirror_to;     // what the control's requests go to as well; null: nothing
  std::uint32_t mirror_share = 0;              // of them, in basis points
  std::vector<model::VersionNumber> expected;  // versions wanted, ready or not
  std::string reason;                          // why it is not, or why what is wanted differs from what is served

  // True if some arm has a share: without one, versions answer only those who name them.
  bool has_shares() const { return !arms.empty() && arms.back().until != 0; }
  // The arm of a bucket; what belongs to versions that are not there goes to the one with the largest share. Requires:
  // has_shares().
  const Arm& arm_of(std::uint32_t bucket) const {
    for (const Arm& arm : arms) {
      if (bucket < arm.until) return arm;
    }
    return main_arm();
  }
  // Sets each arm's probability. Requires: has_shares().
  void set_probabilities();
  const ModelHandle* find(model::VersionNumber number, ports::Numbering numbering = ports::Numbering::Registry) const;
  // The version with the largest share.
  const Arm& main_arm() const;
  const ModelHandle& main() const { return main_arm().version; }
  // Who answers what does not take part in the split.
  const ModelHandle& control() const;
};

// Immutable; read by every lane through a Snapshot.
class ServingTable {
 public:
  ServingTable() = default;
  explicit ServingTable(std::vector<Route> routes, std::vector<ports::ServedState> index, bool is_ready);

  // No allocation. Null if nothing of that name is wanted here.
  const Route* find(std::string_view model) const {
    const auto found = routes_.find(model);
    return found == routes_.end() ? nullptr : &found->second;
  }
  const auto& routes() const { return routes_; }
  const std::vector<ports::ServedState>& index() const { return index_; }
  bool is_ready() const { return is_ready_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, Route, Hash, std::equal_to<>> routes_;
  std::vector<ports::ServedState> index_;
  bool is_ready_ = false;
};

// The version of that number that answers `model`, whose line is `route`. NotFound lists what is served; NotReady says
// what is missing.
Result<const ModelHandle*> find_named(const ServingTable& table, const Route* route, std::string_view model,
                                      model::VersionNumber version, ports::Numbering numbering);
// Ok if the split of `route` can be drawn from. NotFound or NotReady.
Result<void> check_shares(const ServingTable& table, const Route* route, std::string_view model);

}  // namespace slipway::serving
