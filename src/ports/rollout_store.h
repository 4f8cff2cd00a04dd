// RolloutStore: rollouts and every decision about them. Adapters: store_memory, store_sqlite, store_postgres.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "domain/rollout/curve.h"
#include "domain/rollout/rollout.h"

namespace slipway::ports {

struct RolloutRecord {
  std::uint64_t number = 0;  // counted from 1
  rollout::Rollout state;
  std::string plan;  // as it was given
  Digest plan_digest;
  WallTime started_at{};
  std::string started_by;
  std::string evidence;  // what was found so far, as whoever gathers it wants it back
  rollout::Curve curve;  // of it, for people
  bool operator==(const RolloutRecord&) const = default;
};

// One decision with what it was made of. Never changed.
struct RolloutDecision {
  std::uint64_t rollout = 0;
  std::uint64_t number = 0;  // Rollout::decisions after it
  WallTime at{};
  std::string actor;   // who asked; empty: the controller
  std::string action;  // "look", or the command
  rollout::State state = rollout::State::Queued;
  std::size_t position = 0;
  rollout::Traffic wanted;
  std::string reason;
  std::string evidence;             // what the evidence said, in full
  std::string program;              // the version of the program that decided
  std::optional<Digest> once = {};  // of the request that asked for it; no other decision has the same
  std::string basis = {};           // rollout::Basis as text: all that it was made from
  bool operator==(const RolloutDecision&) const = default;
};

// What others have to know of an open rollout, without what it is made of.
struct OpenPlace {
  std::uint64_t number = 0;
  std::uint64_t revision = 0;
  std::string environment;
  std::string model;
  bool is_queued = false;
  std::vector<model::VersionNumber> versions;  // control and the candidates; empty: the row is broken
  bool operator==(const OpenPlace&) const = default;
};

// A decision that the history of everything does not have yet; without its evidence.
struct UntoldDecision {
  std::string environment;
  std::string model;
  RolloutDecision decision;
};

struct StoredRollout {
  RolloutRecord record;
  std::uint64_t revision = 0;  // counted from 1
};

// Any thread; every method blocks and is durable on return. Failures: Unavailable, Overloaded (no space left), Corrupt.
class RolloutStore {
 public:
  virtual ~RolloutStore() = default;
  // Gives it its number, with its first decision, behind the open rollout `after` of its environment and model (0:
  // there is none). Conflict: another one is the last there; the decision's `once` is known.
  virtual Result<std::uint64_t> add(RolloutRecord record, RolloutDecision first, std::uint64_t after) = 0;
  // All or nothing: the state, and the decision that led to it, if one did. Conflict: another revision is there; the
  // decision's number is, or its `once`.
  virtual Result<void> put(const RolloutRecord& record, std::uint64_t expected,
                           const std::optional<RolloutDecision>& decision) = 0;
  virtual Result<std::optional<StoredRollout>> rollout(std::uint64_t number) = 0;
  // Those that are not over, in order of number; also one whose row is broken.
  virtual Result<std::vector<OpenPlace>> open_places() = 0;
  // Newest first, below `before` (0: from the newest), of one model (empty: all); at most `limit`. Without what is
  // long: plan, evidence and curve are empty.
  virtual Result<std::vector<StoredRollout>> rollouts(std::string_view model, std::uint64_t before,
                                                      std::size_t limit) = 0;
  // Newest first, below `before` (0: from the newest); at most `limit`.
  virtual Result<std::vector<RolloutDecision>> decisions(std::uint64_t rollout, std::uint64_t before,
                                                         std::size_t limit) = 0;
  // In order of rollout, then number; at most `limit`.
  virtual Result<std::vector<UntoldDecision>> untold(std::size_t limit) = 0;
  // The history has the decisions of this rollout up to `number`.
  virtual Result<void> told(std::uint64_t rollout, std::uint64_t number) = 0;
};

}  // namespace slipway::ports
