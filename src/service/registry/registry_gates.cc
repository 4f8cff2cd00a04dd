// The part of the Registry that has versions held against their gate plans, and keeps the evidence.
#include <algorithm>

#include "base/text.h"
#include "service/registry/registry_state.h"

namespace slipway::registry {
namespace {

using model::Stage;
using Item = GateQueue::Item;

constexpr std::string_view kCutOff =
    "its gates were cut off by the server's end and are asked again; where this stays, that was cut off too: "
    "`slipway validate` asks once more";
constexpr std::string_view kTooMany = "too many versions waited for their gates: `slipway validate` asks for them";
constexpr std::size_t kLongestReason = 1000;
constexpr std::uint64_t kMostEvidence = 200;     // of one version
constexpr std::size_t kEvidencePage = 4U << 20;  // bytes of bodies, after which a page ends

// The version with most of production's traffic, the older of two with as much; none: nothing else is served there.
Result<std::optional<model::ModelVersion>> live_version(const Registry::State& state, const Item& item) {
  const auto desired = TRY(state.desired(kProduction, item.name));
  if (!desired) return std::optional<model::ModelVersion>();
  const model::Share* most = nullptr;
  for (const model::Share& share : desired->record.split.shares()) {
    if (share.version == item.number) continue;
    const bool more = !most || share.share.count > most->share.count ||
                      (share.share.count == most->share.count && share.version < most->version);
    if (more) most = &share;
  }
  if (!most) return std::optional<model::ModelVersion>();
  return std::optional(TRY(state.existing(item.name, most->version)).record);
}

// Of one version; it is counted from 1 and never erased.
Result<std::uint64_t> newest_evidence(const Registry::State& state, const model::ModelName& name,
                                      model::VersionNumber number) {
  const auto newest = TRY(state.parts.metadata.evidence(name, number, 0, 1));
  return newest.empty() ? 0 : newest.front().record.sequence;
}

std::string too_much_evidence() {
  return "it has " + std::to_string(kMostEvidence) +
         " pieces of evidence, the most that is kept of a version: remove it and push its package again";
}

// The reason why a Registered version is one still; nothing else changes.
Result<void> note_reason(const Registry::State& state, const Item& item, std::string_view reason) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto stored = TRY(state.existing(item.name, item.number));
    if (stored.record.stage != Stage::Registered || stored.record.reason == reason) return {};
    stored.record.reason = reason;
    model::Event event =
        state.event({item.actor, std::string(reason)}, "verify", item.name.text(), text_of(item.number));
    event.from = event.to = name_of(Stage::Registered);
    if (TRY(state.try_commit({}, {{stored.record, stored.revision}}, {event}))) return {};
  }
  return lost_too_often(quoted(item.name));
}

// Only a Registered version moves: one that is served stays where it is, and its evidence says what was found.
std::string_view move(model::ModelVersion& version, model::Verdict verdict, const std::string& reason) {
  version.reason = reason;
  switch (verdict) {
    case model::Verdict::Pass:
      version.stage = Stage::Validated;
      version.reason.clear();
      return "validate";
    case model::Verdict::Fail:
      version.stage = Stage::Rejected;
      return "reject";
    case model::Verdict::Inconclusive:
      return "verify";
  }
  return "verify";
}

// The evidence, what it does to the version, and the model's record, so that no approval or deployment slips past it:
// all of it or nothing.
Result<void> record_findings(const Registry::State& state, const Item& item, const ports::GateFindings& findings) {
  const std::string reason = printable(findings.reason, kLongestReason);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto model = TRY(state.existing(item.name));
    auto stored = TRY(state.existing(item.name, item.number));
    const auto newest = TRY(newest_evidence(state, item.name, item.number));
    const ports::EvidenceRecord record{.model = item.name,
                                       .version = item.number,
                                       .sequence = newest + 1,
                                       .plan = findings.plan,
                                       .verdict = findings.verdict,
                                       .created_at = state.parts.clock.wall_now(),
                                       .actor = item.actor,
                                       .body = findings.body,
                                       .body_digest = sha256(as_bytes(findings.body))};
    std::vector<ports::Change> changes{{model.record, model.revision}, {record, 0}};
    model::Event found = state.event({item.actor, item.reason}, "gates", item.name.text(), text_of(item.number));
    found.to = std::string(name_of(findings.verdict)) + " sha256:" + record.body_digest.hex();
    if (!reason.empty()) found.reason = reason;
    std::vector<model::Event> events{std::move(found)};
    if (stored.record.stage == Stage::Registered) {
      const auto action = move(stored.record, findings.verdict, reason);
      changes.push_back({stored.record, stored.revision});
      model::Event moved =
          state.event({item.actor, reason}, std::string(action), item.name.text(), text_of(item.number));
      moved.from = name_of(Stage::Registered);
      moved.to = name_of(stored.record.stage);
      events.push_back(std::move(moved));
    }
    if (!TRY(state.try_commit({}, changes, events))) continue;
    state.parts.log.info("gates asked", {{"model", item.name.text()},
                                         {"version", static_cast<std::int64_t>(item.number)},
                                         {"verdict", name_of(findings.verdict)},
                                         {"stage", name_of(stored.record.stage)},
                                         {"reason", reason}});
    return {};
  }
  return lost_too_often(quoted(item.name));
}

// Nothing asks anything of it any more, as after a change of the configuration: what verification found is enough.
Result<void> let_through(const Registry::State& state, const Item& item) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto stored = TRY(state.existing(item.name, item.number));
    if (stored.record.stage != Stage::Registered || !stored.record.verification) return {};
    model::Event event = state.event({item.actor, "no gate plan is for this model any more"}, "validate",
                                     item.name.text(), text_of(item.number));
    event.from = name_of(stored.record.stage);
    static_cast<void>(move(stored.record, model::Verdict::Pass, ""));
    event.to = name_of(stored.record.stage);
    if (TRY(state.try_commit({}, {{stored.record, stored.revision}}, {event}))) return {};
  }
  return lost_too_often(quoted(item.name));
}

// It may take what it did not, some time later.
bool is_store_away(const Error& error) {
  return error.code == ErrorCode::Unavailable || error.code == ErrorCode::Overloaded;
}

// What asking the gates of one version came to. False: nothing may be written now, so it is asked again later.
class GateRun {
 public:
  GateRun(Registry::State& state, const Item& item) : state_(state), item_(item) {}

  Result<bool> go() {
    if (!state_.parts.gates->has_plan(item_.name)) return keep([&] { return let_through(state_, item_); });
    if (item_.is_retry && !TRY(keep([&] { return note_reason(state_, item_, kCutOff); }))) return false;
    const auto version = TRY(state_.existing(item_.name, item_.number)).record;
    if (version.stage != Stage::Registered && version.stage != Stage::Validated) return true;
    // Whoever had it queued: nothing is measured that could not be kept.
    if (TRY(newest_evidence(state_, item_.name, item_.number)) >= kMostEvidence) {
      return keep([&] { return note_reason(state_, item_, too_much_evidence()); });
    }
    const auto live = TRY(live_version(state_, item_));
    const auto findings = state_.parts.gates->run(version, live ? &*live : nullptr,
                                                  [&](std::string_view doing) { state_.gates.tell(doing); });
    if (findings.interrupted) return keep([&] { return note_reason(state_, item_, kAwaitsGates); });
    return keep([&] { return record_findings(state_, item_, findings); });
  }

 private:
  template <class Write>
  Result<bool> keep(Write&& write) {
    std::optional<Result<void>> written;
    const std::function<void()> task = [&] { written.emplace(write()); };
    state_.parts.own_changes ? state_.parts.own_changes(task) : task();
    if (!written) return false;
    if (!written->ok()) return written->error();
    return true;
  }

  Registry::State& state_;
  const Item& item_;
};

}  // namespace

bool Registry::State::asks_gates(const model::ModelName& name) const {
  return parts.gates && parts.gates->has_plan(name);
}

Result<void> Registry::State::queue_gates(const GateQueue::Item& item) {
  if (!gates.add(item)) return note_reason(*this, item, kTooMany);
  if (parts.gates_wanted) parts.gates_wanted();
  return {};
}

bool Registry::are_gates_due() const {
  return state_->gates.is_due(parts_.clock.now());
}

void Registry::run_waiting_gates() {
  while (const auto item = state_->gates.take()) {
    const auto done = GateRun(*state_, *item).go();
    if (!done.ok() && done.error().code != ErrorCode::NotFound) {  // not found: removed meanwhile
      parts_.log.error("asking the gates", {{"model", item->name.text()},
                                            {"version", static_cast<std::int64_t>(item->number)},
                                            {"error", done.error().message}});
    }
    if (done.ok() && !*done) return state_->gates.put_back();
    if (!done.ok() && is_store_away(done.error())) return state_->gates.put_off(parts_.clock.now());
    state_->gates.finish();
  }
}

Result<Registry::GateStanding> Registry::ask_gates(const model::ModelName& name, model::VersionNumber number,
                                                   const Author& author) {
  TRY(check(author));
  auto version = TRY(state_->existing(name, number)).record;
  if (version.stage != Stage::Registered && version.stage != Stage::Validated) {
    return conflict(text_of(number) + " of " + quoted(name) + " is " + std::string(name_of(version.stage)) +
                    ": only the gates of a registered or validated version are asked");
  }
  const bool has_plan = state_->asks_gates(name);
  const bool is_registered = version.stage == Stage::Registered;
  if (!has_plan && !is_registered) {
    return not_found("expected a gate plan for " + quoted(name) + ", found none: the setting gate_plan names the file");
  }
  const bool is_idle = state_->gates.standing(name, number).phase == GateQueue::Standing::Phase::Idle;
  if (is_idle && is_registered && (!has_plan || !version.verification)) {
    TRY(verify(name, number, author));  // whose end asks the gates
    return evidence(name, number, 0, 1);
  }
  if (is_idle) {
    if (TRY(newest_evidence(*state_, name, number)) >= kMostEvidence) {
      return overloaded(text_of(number) + " of " + quoted(name) + ": " + too_much_evidence());
    }
    const Item item{name, number, author.principal, author.reason};
    TRY(note_reason(*state_, item, kAwaitsGates));  // first: once it is in the queue it may run
    if (!state_->gates.add(item)) {
      TRY(note_reason(*state_, item, kTooMany));
      return overloaded("expected at most " + std::to_string(GateQueue::kMost) +
                        " versions to wait for their gates, found as many: try again later");
    }
    if (parts_.gates_wanted) parts_.gates_wanted();
  }
  return evidence(name, number, 0, 1);
}

Result<Registry::GateStanding> Registry::evidence(const model::ModelName& name, model::VersionNumber number,
                                                  std::uint64_t before, std::size_t limit) {
  // The standing first: a run that ends meanwhile then seems to go on, and its evidence is there at the next look.
  const auto now = state_->gates.standing(name, number);
  auto version = TRY(state_->existing(name, number)).record;
  GateStanding found{now, std::move(version), {}};
  std::size_t bytes = 0;
  // One at a time: nobody knows the size of a body before it is read.
  while (found.evidence.size() < std::min<std::size_t>(limit, kMostEvidence) && bytes < kEvidencePage) {
    auto older = TRY(parts_.metadata.evidence(name, number, before, 1));
    if (older.empty()) break;
    bytes += older.front().record.body.size();
    before = older.front().record.sequence;
    found.evidence.push_back(std::move(older.front().record));
    if (before == 1) return found;  // counted from 1 without gaps
  }
  if (!found.evidence.empty()) found.next = before;
  return found;
}

}  // namespace slipway::registry
