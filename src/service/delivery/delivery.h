// Delivery: moves traffic by rollouts. Observe, decide, record, act.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/log.h"
#include "base/result.h"
#include "domain/evidence/judgement.h"
#include "domain/model/name.h"
#include "domain/rollout/basis.h"
#include "ports/metadata_store.h"
#include "ports/rollout_evidence.h"
#include "ports/rollout_plan.h"
#include "ports/rollout_store.h"
#include "ports/telemetry.h"
#include "ports/traffic_control.h"
#include "service/delivery/clock_watch.h"

namespace slipway::delivery {

inline constexpr std::size_t kMostOpen = 1'000;                         // of all models
inline constexpr std::size_t kMostQueued = 16;                          // of one model and environment
inline constexpr std::size_t kLongestPlan = 64 * 1'024;                 // bytes
inline constexpr Duration kLongestPatience = std::chrono::seconds(30);  // with traffic that is refused again and again
inline constexpr Duration kGivenUpAfter = std::chrono::seconds(10);     // a way back that is not served may be ended
inline constexpr Duration kCheckpoint = std::chrono::seconds(10);       // observed time that a kill may lose

enum class Turn : std::uint8_t { OnlyNow, MayQueue };

// Who asks, and the mark by which the same request sent again is not applied twice.
struct Caller {
  rollout::Person person;
  std::optional<ports::IdempotencyRecord> once = {};
};

struct StartRequest {
  std::string environment;
  model::ModelName model;
  std::vector<model::VersionNumber> candidates;
  std::string plan;  // YAML
  Turn turn = Turn::OnlyNow;
};

// A rollout as it stands, for people.
struct Standing {
  ports::RolloutRecord record;
  std::vector<rollout::Scheduled> steps;
  std::string holding;                          // why it does not go on now
  std::vector<rollout::Evidence> evidence;      // of the last look of this process; of each candidate
  std::vector<evidence::Judgement> judgements;  // that it is of; or none
  std::vector<ports::JoinCount> joins;          // of control and each candidate; or none
};

// What a plan would do.
struct Rehearsal {
  rollout::Plan plan;
  std::vector<rollout::Scheduled> steps;
  Digest digest;
  std::optional<evidence::EvidencePlan> evidence = {};  // none: no evidence is gathered here
};

// Any thread for all but tick(), which one thread calls; every method blocks. What is decided is stored before it is
// done, by compare-and-set, so that several servers, commands and kills do not disturb each other.
class Delivery final : public ports::MetricSource {
 public:
  struct Parts {
    ports::RolloutStore& store;
    ports::RolloutPlanReader& plans;
    ports::TrafficControl& traffic;
    ports::MetadataStore& history;               // every decision is an event of it
    ports::RolloutEvidence* evidence = nullptr;  // null: none is gathered, and steps that ask for some hold
    const Clock& clock;
    Log& log;
    std::string program;           // its version
    std::string environment = {};  // whose rollouts it carries out; empty: those of all
    std::function<void()> wake{};  // told after each command, so that tick() need not be waited for; any thread
  };
  explicit Delivery(Parts parts);
  ~Delivery() override;

  // InvalidInput: the plan, no reason, an environment of other servers. NotFound: the model is not served there, or a
  // version is not there. Conflict: a rollout of the model is open there, its traffic is split, or a version cannot be
  // served. Overloaded: too many are open. Unimplemented: the plan mirrors, and this server cannot.
  Result<Standing> start(const StartRequest& request, const Caller& caller);
  Result<Rehearsal> rehearse(std::string_view plan);
  // As rollout::apply says. NotFound. Conflict: to abort one whose way back was decided only now.
  Result<Standing> command(std::uint64_t number, const rollout::Command& command, const Caller& caller);

  Result<Standing> rollout(std::uint64_t number);  // NotFound
  Result<std::vector<ports::StoredRollout>> rollouts(std::string_view model, std::uint64_t before, std::size_t limit);
  Result<std::vector<ports::RolloutDecision>> decisions(std::uint64_t number, std::uint64_t before, std::size_t limit);

  // Looks at every open rollout once, or until it has nothing more to do. What fails is in the log and is tried again.
  void tick();
  // Whether one was open at the last tick, or was begun since; before the first one, yes.
  bool has_open() const { return has_open_; }
  // slipway_rollout_*: of the rollouts that are open, one of each model and environment, and of decisions. Any thread.
  void collect(ports::MetricVisitor& visitor) const override;

 private:
  // What this process knows of an open rollout beyond its record.
  struct Known {
    std::uint64_t revision = 0;
    rollout::Rollout state;  // with the time since the last record
    std::string holding = {};
    std::vector<rollout::Evidence> evidence = {};
    std::vector<evidence::Judgement> judgements = {};
    std::vector<ports::JoinCount> joins = {};
    std::shared_ptr<const rollout::Plan> plan = {};  // its own; read once
    std::optional<Error> refusal = {};               // of the traffic wanted; until when it is not asked for again
    TimePoint ask_at = {};
    Duration patience{0};
    std::string unapproved = {};  // the word for the next step is not enough; until when that is not asked again
    TimePoint ask_word_at = {};
  };

  Result<model::VersionNumber> control_for(const StartRequest& request, const std::optional<ports::OpenPlace>& last);
  Result<void> withdraw_unless_servable(ports::RolloutRecord& record);
  Result<void> look(const ports::OpenPlace& place, bool is_turn);
  Result<bool> look_once(ports::StoredRollout& now, Known& seen, bool is_turn);
  Result<ports::StoredRollout*> held(const ports::OpenPlace& place);
  Result<std::shared_ptr<const rollout::Plan>> plan_of(const ports::RolloutRecord& record, const Known& seen);
  Result<rollout::Sight> sight_of(const ports::RolloutRecord& record, bool is_turn);
  Result<void> expect_given_up(const ports::RolloutRecord& record);
  Result<std::string> missing_word(const rollout::Rollout& state);
  Result<void> look_at_word(Known& seen);
  Result<void> act(const ports::RolloutRecord& record, const rollout::Traffic& traffic, std::uint64_t revision);
  Result<void> act_if_due(const ports::RolloutRecord& record, Known& seen, std::uint64_t revision);
  void tell_history();
  Result<void> tell(const ports::UntoldDecision& untold);
  void told(std::string& last, const Result<void>& done, const std::string& what);
  ports::RolloutDecision decision_of(const ports::RolloutRecord& record, std::string action,
                                     const rollout::Basis& basis, const std::optional<Caller>& caller = {}) const;
  Result<Standing> standing(const ports::RolloutRecord& record);
  std::optional<Known> known(std::uint64_t number) const;
  void remember(std::uint64_t number, Known known);

  bool is_ours(std::string_view environment) const {
    return parts_.environment.empty() || environment == parts_.environment;
  }
  void changed();
  void count(const ports::RolloutDecision& decision);

  const Parts parts_;
  std::atomic<bool> has_open_ = true;
  // Decisions since this process began: by the state they led to, the controller's and people's.
  std::array<std::array<std::atomic<std::uint64_t>, 2>, rollout::kStateCount> counts_{};
  // Of the thread that ticks: what the last tick failed at, in the log, whether the clock was set, and the open
  // rollouts as they are stored.
  std::string reading_failure_, telling_failure_;
  ClockWatch clock_watch_{parts_.clock};
  std::string unsettled_;
  std::map<std::uint64_t, ports::StoredRollout> held_;
  mutable Guarded<std::map<std::uint64_t, Known>> known_;           // of open rollouts
  mutable Guarded<std::map<std::uint64_t, std::string>> failures_;  // of the last look at each; empty: none
};

}  // namespace slipway::delivery
