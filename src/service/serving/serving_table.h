// ServingTable: which versions answer for which model, in which shares.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/snapshot.h"
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
    std::uint32_t until;  // buckets below this one, and not below the previous arm's, are this arm's
  };
  std::string model;
  std::uint64_t salt = 0;                      // of sticky assignment
  std::vector<Arm> arms;                       // in the order of the split; empty: nothing is ready yet
  std::vector<model::VersionNumber> expected;  // versions wanted, ready or not
  std::string reason;                          // why it is not, or why what is wanted differs from what is served

  // True if some arm has a share: without one, versions answer only those who name them.
  bool has_shares() const { return !arms.empty() && arms.back().until != 0; }
  // The arm of a bucket; what belongs to versions that are not there goes to the one with the largest share. Requires:
  // has_shares().
  const ModelHandle& arm_of(std::uint32_t bucket) const {
    for (const Arm& arm : arms) {
      if (bucket < arm.until) return arm.version;
    }
    return main();
  }
  const ModelHandle* find(model::VersionNumber number, ports::Numbering numbering = ports::Numbering::Registry) const;
  // The version with the largest share.
  const ModelHandle& main() const;
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

// The version that answers `model`, whose line is `route`, by `bucket` when no version is asked for. NotFound lists
// what is served; NotReady says what is missing.
Result<const ModelHandle*> choose(const ServingTable& table, const Route* route, std::string_view model,
                                  std::optional<model::VersionNumber> version, ports::Numbering numbering,
                                  std::uint32_t bucket);

}  // namespace slipway::serving
