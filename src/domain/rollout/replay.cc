#include "domain/rollout/replay.h"

#include <algorithm>

#include "domain/rollout/traffic_text.h"

namespace slipway::rollout {
namespace {

void compare(std::vector<Difference>& all, std::string_view what, std::string recorded, std::string again) {
  if (recorded != again) all.push_back({std::string(what), std::move(recorded), std::move(again)});
}

std::string shown(const std::optional<std::uint64_t>& number) {
  return number ? std::to_string(*number) : "none";
}

std::string shown(const std::optional<Pause>& pause) {
  return pause ? "by \"" + pause->by + "\": " + pause->reason : "no";
}

std::string shown(const std::vector<bool>& frozen) {
  std::string text;
  for (const bool each : frozen) text += each ? '1' : '0';
  return text;
}

std::string shown(const std::vector<model::VersionNumber>& versions) {
  std::string text;
  for (const model::VersionNumber each : versions) text += (text.empty() ? "" : " ") + std::to_string(each);
  return text;
}

Result<Rollout> open_again(const Plan& plan, const Basis& basis) {
  const Rollout& opened = basis.before;
  Rollout rollout = TRY(open(plan, opened.environment, opened.model, opened.control, opened.candidates, basis.now));
  begin(rollout, basis.person);
  return rollout;
}

// A basis comes from outside, and rules may rely on what a rollout always is.
Result<void> check_sound(const Plan& plan, const Basis& basis) {
  TRY(check(plan, basis.before.candidates.size()));
  const Rollout& before = basis.before;
  if (before.candidates.empty() || before.frozen.size() != before.candidates.size()) {
    return invalid_input("expected candidates, and for each whether it is frozen, found " +
                         std::to_string(before.candidates.size()) + " and " + std::to_string(before.frozen.size()));
  }
  if (const std::size_t steps = schedule(plan).size(); before.position >= steps) {
    return invalid_input("expected one of the plan's " + std::to_string(steps) + " steps, found step " +
                         std::to_string(before.position + 1));
  }
  const bool compares =
      before.state == State::Applying || before.state == State::Observing || before.state == State::AwaitingApproval;
  if (before.wanted.shares.size() != (compares ? before.candidates.size() + 1 : 1))
    return invalid_input("expected shares of every version, found " + text_of(before.wanted));
  return {};
}

}  // namespace

void begin(Rollout& rollout, const Person& person) {
  rollout.reason = "started by " + person.name + ": " + person.reason;
  rollout.decisions = 1;
}

void withdraw(Rollout& rollout, const std::string& why) {
  move_to(rollout, State::Aborted, "withdrawn: " + why);
}

Result<Rollout> decide_again(const Plan& plan, const Basis& basis) {
  TRY(check_sound(plan, basis));
  switch (basis.occasion) {
    case Occasion::Start:
      return open_again(plan, basis);
    case Occasion::Asked:
      if (!basis.command) return invalid_input("expected the command that was given, found none");
      return apply(plan, basis.before, *basis.command, basis.person, basis.started_by, basis.sight);
    case Occasion::Withdrawn: {
      Rollout rollout = basis.before;
      withdraw(rollout, basis.person.reason);
      return rollout;
    }
    case Occasion::Look: {
      Decision decision = next(plan, basis.before, basis.sight, basis.now);
      if (!decision.is_change) return conflict("nothing is decided; it holds: " + decision.holding);
      return std::move(decision.rollout);
    }
  }
  return invalid_input("expected a start, a look, a command or a withdrawal");
}

std::vector<Difference> differences(const Recorded& recorded, const Rollout& again) {
  std::vector<Difference> all;
  compare(all, "number", std::to_string(recorded.number), std::to_string(again.decisions));
  compare(all, "state", std::string(name_of(recorded.state)), std::string(name_of(again.state)));
  compare(all, "step", std::to_string(recorded.position + 1), std::to_string(again.position + 1));
  compare(all, "wanted traffic", text_of(recorded.wanted), text_of(again.wanted));
  compare(all, "reason", recorded.reason, again.reason);
  return all;
}

std::vector<Difference> differences_between(const Rollout& after, const Rollout& before_next) {
  std::vector<Difference> all;
  compare(all, "environment", after.environment, before_next.environment);
  compare(all, "model", after.model.text(), before_next.model.text());
  compare(all, "control", std::to_string(after.control), std::to_string(before_next.control));
  compare(all, "candidates", shown(after.candidates), shown(before_next.candidates));
  compare(all, "state", std::string(name_of(after.state)), std::string(name_of(before_next.state)));
  compare(all, "step", std::to_string(after.position + 1), std::to_string(before_next.position + 1));
  compare(all, "reason", after.reason, before_next.reason);
  compare(all, "paused", shown(after.paused), shown(before_next.paused));
  compare(all, "wanted traffic", text_of(after.wanted), text_of(before_next.wanted));
  compare(all, "earlier traffic", text_of(after.before), text_of(before_next.before));
  compare(all, "revision", std::to_string(after.revision), std::to_string(before_next.revision));
  compare(all, "approved", shown(after.approved), shown(before_next.approved));
  compare(all, "frozen", shown(after.frozen), shown(before_next.frozen));
  compare(all, "winner", shown(after.winner), shown(before_next.winner));
  const auto late = [](const Rollout& rollout) { return rollout.late ? text_of(*rollout.late) : std::string("none"); };
  compare(all, "late traffic", late(after), late(before_next));
  const auto rehearsal = [](const Rollout& rollout) {
    return rollout.rehearsal ? "until it is " + text_of(rollout.rehearsal->after) : std::string("no");
  };
  compare(all, "rehearsal", rehearsal(after), rehearsal(before_next));
  compare(all, "decisions", std::to_string(after.decisions), std::to_string(before_next.decisions));
  return all;
}

}  // namespace slipway::rollout
