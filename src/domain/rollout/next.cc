#include "domain/rollout/next.h"

#include <algorithm>

#include "base/invariant.h"
#include "domain/rollout/approvals.h"

namespace slipway::rollout {
namespace {

using model::Verdict;

constexpr std::string_view kTakenOver = "somebody else changed what is served; the rollout leaves it as it is";

std::string step_text(std::span<const Scheduled> steps, std::size_t position) {
  return "step " + std::to_string(position + 1) + " of " + std::to_string(steps.size());
}

// "90 s", "12 min", "3 h 20 min", rounded up.
std::string time_text(Duration time) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(time).count();
  if (seconds < 120) return std::to_string(seconds) + " s";
  const auto minutes = std::chrono::ceil<std::chrono::minutes>(time).count();
  if (minutes < 120) return std::to_string(minutes) + " min";
  return std::to_string(minutes / 60) + " h" + (minutes % 60 == 0 ? "" : " " + std::to_string(minutes % 60) + " min");
}

std::string version_text(model::VersionNumber version) {
  return "version " + std::to_string(version);
}

model::BasisPoints weight_in(const Traffic& traffic, model::VersionNumber control) {
  model::BasisPoints weight{};
  for (const model::Share& share : traffic.shares) weight.count += share.version == control ? 0 : share.share.count;
  return weight;
}

// The candidate with the largest mean reward that has passed; without rewards the first.
std::optional<model::VersionNumber> winner_of(const Rollout& rollout, const Sight& sight) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < rollout.candidates.size() && i < sight.evidence.size(); ++i) {
    if (rollout.frozen[i] || sight.evidence[i].verdict != Verdict::Pass) continue;
    const auto mean = [&](std::size_t k) { return k + 1 < sight.rewards.size() ? sight.rewards[k + 1].mean : 0.0; };
    if (!best || mean(i) > mean(*best)) best = i;
  }
  if (!best) return std::nullopt;
  return rollout.candidates[*best];
}

// One look at a rollout.
class Look {
 public:
  Look(const Plan& plan, const Rollout& rollout, const Sight& sight, WallTime now)
      : plan_(plan), steps_(schedule(plan)), sight_(sight), now_(now), was_(rollout), to_{rollout} {}

  Decision decide() && {
    // A clock that was set back has observed nothing; one that was set forward, not more than a look may count.
    const Duration passed = std::clamp<Duration>(now_ - was_.seen_at, Duration{0}, kLongestLook);
    rollout().seen_at = now_;
    switch (was_.state) {
      case State::Queued:
        queued();
        break;
      case State::Applying:
      case State::Completing:
      case State::Restoring:
        applied();
        break;
      case State::Observing:
      case State::AwaitingApproval:
        observed(passed);
        break;
      case State::Completed:
      case State::Aborted:
        break;
    }
    to_.is_change = rollout().decisions != was_.decisions;
    if (const State state = rollout().state; state != was_.state) {
      invariant(may_move(was_.state, state), "a rollout moves by its table");
    }
    return std::move(to_);
  }

 private:
  Rollout& rollout() { return to_.rollout; }
  const Step& step() const { return steps_[was_.position].step; }
  bool is_last() const { return was_.position + 1 >= steps_.size(); }

  void queued() {
    if (!sight_.is_turn) {
      to_.holding = "waits for the rollout before it";
    } else if (!sight_.served || !(*sight_.served == was_.wanted)) {
      move_to(rollout(), State::Aborted, version_text(was_.control) + " no longer has all traffic");
    } else if (needs_approval(plan_, was_, steps_, 0, sight_)) {
      to_.holding = "the first step waits for an approval" + lacking_word(0);
    } else {
      enter(plan_, rollout(), 0, "begins", sight_);
    }
  }

  // Traffic is recorded: have it served, then wait until it is.
  void applied() {
    if (is_as_wanted(was_, sight_)) {
      if (has_failed_candidate() && was_.state != State::Restoring) {
        restore(rollout(), "cannot be served: " + sight_.load_failure, sight_);
      } else if (was_.state == State::Applying && may_act_on_harm() && found_harm()) {
        return;  // where it is served already
      } else if (was_.rehearsal && (sight_.is_live || rehearsed() >= kLongestRehearsal)) {
        end_rehearsal();
      } else if (!sight_.is_live) {
        to_.holding = "waits until it is served" + (sight_.load_failure.empty() ? "" : ": " + sight_.load_failure);
      } else if (was_.state == State::Applying) {
        rollout().revision = sight_.revision;
        move_to(rollout(), State::Observing, step_text(steps_, was_.position) + " is served");
      } else if (was_.state == State::Completing) {
        move_to(rollout(), State::Completed, was_.reason);
      } else {
        move_to(rollout(), State::Aborted, was_.reason);
      }
    } else if (is_as_before(was_, sight_)) {
      if (found_harm_of(was_.before)) {
        // Whoever recorded what was wanted may be about to have it served.
        if (!(rollout().wanted == was_.wanted)) rollout().late = was_.wanted;
      } else if (is_held_by_rule()) {
        to_.holding = "paused: " + was_.paused->reason;
      } else {
        to_.serve = was_.wanted;
      }
    } else if (is_late(was_, sight_)) {
      if (found_harm_of(*was_.late)) return;
      want(rollout(), was_.wanted, sight_);
      ++rollout().decisions;
      to_.serve = was_.wanted;
    } else {
      move_to(rollout(), State::Aborted, std::string(kTakenOver));
    }
  }

  // A step that is not served yet, for however long that is refused, leaves the one before it in front of people.
  bool found_harm_of(const Traffic& served) {
    if (was_.state == State::Completing) return served.shares.size() > 1 && found_harm_of_winner();
    if (was_.state != State::Applying || served.shares.size() < 2 || !may_act_on_harm()) return false;
    return found_harm() || found_load_failure();
  }
  // Where rolling back is by hand, who had it completed knew what was said of it.
  bool found_harm_of_winner() {
    if (!plan_.automation.roll_back) return false;
    const auto winner = std::ranges::find(was_.candidates, was_.winner.value_or(was_.control));
    const auto at = static_cast<std::size_t>(winner - was_.candidates.begin());
    if (at >= sight_.evidence.size() || sight_.evidence[at].verdict != Verdict::Fail) return found_load_failure();
    restore(rollout(), version_text(*winner) + " does harm: " + sight_.evidence[at].reason, sight_);
    return true;
  }
  // Harm that is not rolled back by itself at least gets no more traffic.
  bool is_held_by_rule() const {
    if (was_.state != State::Applying || !was_.paused || !was_.paused->by.empty()) return false;
    const model::BasisPoints before = weight_in(was_.before, was_.control);
    return before.count != 0 && before < weight_of(was_);
  }

  // While the way back is rehearsed, no candidate has traffic: of several the weights can wait until it is over.
  bool may_act_on_harm() const { return !was_.rehearsal || was_.candidates.size() == 1; }
  Duration rehearsed() const { return std::max<Duration>(now_ - was_.rehearsal->since, Duration{0}); }

  void end_rehearsal() {
    const std::string time = std::to_string(std::chrono::round<std::chrono::milliseconds>(rehearsed()).count()) + " ms";
    const std::string what = version_text(was_.control) +
                             (sight_.is_live ? " served all traffic after " : " did not serve all traffic within ");
    want(rollout(), was_.rehearsal->after, sight_);
    rollout().rehearsal.reset();
    move_to(rollout(), State::Applying, "drill: " + what + time + "; the rollout goes on as before");
  }

  void observed(Duration passed) {
    if (!is_as_wanted(was_, sight_)) return move_to(rollout(), State::Aborted, std::string(kTakenOver));
    if (was_.state == State::Observing && sight_.is_live) rollout().dwelt += passed;
    if (found_harm() || found_load_failure()) return;
    if (was_.paused) {
      to_.holding = "paused: " + was_.paused->reason;
    } else if (!sight_.is_live) {
      // What does not answer everywhere is not observed.
      to_.holding = sight_.load_failure.empty() ? "waits until every version is loaded again" : sight_.load_failure;
    } else if (!sight_.unsettled.empty()) {
      to_.holding = sight_.unsettled;
    } else if (was_.state == State::AwaitingApproval) {
      go_on_if_approved();
    } else if (!step().is_adaptive || !moved_weights()) {
      go_on_if_ready();
    }
  }

  // True: there is harm, and something was done about it.
  bool found_harm() {
    std::size_t harmed = 0;
    for (std::size_t i = 0; i < was_.candidates.size(); ++i) {
      harmed += was_.frozen[i] ? 1 : 0;
      if (was_.frozen[i] || i >= sight_.evidence.size() || sight_.evidence[i].verdict != Verdict::Fail) continue;
      const std::string why = version_text(was_.candidates[i]) + " does harm: " + sight_.evidence[i].reason;
      if (!plan_.automation.roll_back) {
        if (was_.paused) continue;
        rollout().paused = Pause{"", why + "; rolling back is by hand"};
        ++rollout().decisions;
        rollout().reason = why + "; rolling back is by hand";
        return true;
      }
      rollout().frozen[i] = true;
      ++harmed;
      if (harmed == was_.candidates.size()) {
        restore(rollout(), why, sight_);
        return true;
      }
      rebalance(why);
      return true;
    }
    return false;
  }

  // Of a candidate: giving control all traffic helps only while control itself answers.
  bool has_failed_candidate() const {
    return !sight_.load_failure.empty() && !sight_.load_failure.starts_with(version_text(was_.control) + ":");
  }
  bool found_load_failure() {
    if (!has_failed_candidate()) return false;
    const std::string why = "cannot be served: " + sight_.load_failure;
    if (plan_.automation.roll_back) {
      restore(rollout(), why, sight_);
      return true;
    }
    if (was_.paused) return false;
    rollout().paused = Pause{"", why + "; rolling back is by hand"};
    ++rollout().decisions;
    rollout().reason = why + "; rolling back is by hand";
    return true;
  }

  // A bandit's other arms go on without the one that does harm.
  void rebalance(const std::string& why) {
    if (want_weights(next_weights(bandit(), arms_now(), present(), now_), why)) return;
    rollout().reason = why;  // it had no traffic to lose
    ++rollout().decisions;
  }

  std::vector<Arm> arms_now() {
    std::vector<Arm> arms = sight_.rewards;
    arms.resize(was_.candidates.size() + 1);
    for (std::size_t i = 0; i < was_.candidates.size(); ++i) arms[i + 1].is_frozen = rollout().frozen[i];
    return arms;
  }
  const Bandit& bandit() const { return std::get<Bandit>(plan_.stages[steps_[was_.position].stage].strategy); }
  std::vector<model::BasisPoints> present() const {
    std::vector<model::BasisPoints> weights;
    for (const model::Share& share : was_.wanted.shares) weights.push_back(share.share);
    return weights;
  }

  bool want_weights(const std::vector<model::BasisPoints>& weights, const std::string& why) {
    Traffic traffic = was_.wanted;
    for (std::size_t i = 0; i < traffic.shares.size(); ++i) traffic.shares[i].share = weights[i];
    if (traffic == was_.wanted) return false;
    want(rollout(), std::move(traffic), sight_);
    move_to(rollout(), State::Applying, why);
    return true;
  }

  bool moved_weights() {
    if (rollout().dwelt - was_.updated < bandit().update_every) return false;
    rollout().updated = rollout().dwelt;
    return want_weights(next_weights(bandit(), arms_now(), present(), now_), "the rewards so far move the weights");
  }

  void go_on_if_ready() {
    const Duration missing = step().dwell - rollout().dwelt;
    if (missing > Duration{0}) {
      to_.holding = "the step lasts " + time_text(missing) + " more";
    } else if (std::string lacking = lacking_evidence(); !lacking.empty()) {
      const bool is_overdue = step().limit && rollout().dwelt >= *step().limit;
      to_.holding = (is_overdue ? "overdue: " : "") + lacking;
    } else if (!plan_.automation.promote) {
      to_.holding = "ready; going on is by hand";
    } else if (!is_within(plan_.automation.windows, now_)) {
      to_.holding = "ready; waits for the next window of automation";
    } else {
      go_on();
    }
  }

  // Empty: the step has what it needs.
  std::string lacking_evidence() const {
    if (step().needs == Needs::Nothing) return {};
    if (sight_.evidence.empty()) return "there is no evidence";
    if (step().needs == Needs::Power) {
      for (const Evidence& each : sight_.evidence) {
        if (!each.may_advance) return each.reason;
      }
      return {};
    }
    if (winner_of(was_, sight_)) return {};
    return sight_.evidence.front().reason;
  }

  void go_on() {
    const std::size_t to = following(was_, steps_);
    if (needs_approval(plan_, was_, steps_, to, sight_)) {
      const std::string what = to < steps_.size() ? step_text(steps_, to) : std::string("the end");
      to_.holding = what + " waits for an approval" + lacking_word(to);
      return move_to(rollout(), State::AwaitingApproval, what + " waits for an approval");
    }
    proceed(to);
  }

  // Of a word that was given: why it is not enough.
  std::string lacking_word(std::size_t position) const {
    return was_.approved == position && !sight_.unapproved.empty() ? ": " + sight_.unapproved : std::string();
  }

  void go_on_if_approved() {
    const std::size_t to = following(was_, steps_);
    if (needs_approval(plan_, was_, steps_, to, sight_)) {
      to_.holding = was_.approved == to ? "approved, and not enough" + lacking_word(to) : was_.reason;
    } else if (std::string lacking = lacking_evidence(); !lacking.empty()) {
      // What was there when the word was asked for may be gone by now, or not be this server's to read.
      to_.holding = "approved; " + lacking;
    } else if (!is_within(plan_.automation.windows, now_)) {
      to_.holding = "approved; waits for the next window of automation";
    } else {
      proceed(to);
    }
  }

  void proceed(std::size_t to) {
    if (to < steps_.size()) {
      return enter(plan_, rollout(), to, step_text(steps_, was_.position) + " has what it needs", sight_);
    }
    const auto winner = winner_of(was_, sight_);
    if (!winner && was_.candidates.size() > 1) {
      to_.holding = "the evidence names none of the candidates";
      return;
    }
    complete(rollout(), winner.value_or(was_.candidates.front()), "the last step has what it needs", sight_);
  }

  const Plan& plan_;
  const std::vector<Scheduled> steps_;
  const Sight& sight_;
  const WallTime now_;
  const Rollout& was_;
  Decision to_;
};

}  // namespace

Decision next(const Plan& plan, const Rollout& rollout, const Sight& sight, WallTime now) {
  return Look(plan, rollout, sight, now).decide();
}

bool is_as_wanted(const Rollout& rollout, const Sight& sight) {
  return sight.served == rollout.wanted && sight.revision >= rollout.revision && sight.revision - rollout.revision <= 1;
}

bool is_as_before(const Rollout& rollout, const Sight& sight) {
  return sight.served == rollout.before && sight.revision == rollout.revision;
}

bool is_late(const Rollout& rollout, const Sight& sight) {
  return rollout.late && sight.served == rollout.late && sight.revision == rollout.revision + 1;
}

void move_to(Rollout& rollout, State state, std::string reason) {
  rollout.state = state;
  rollout.reason = std::move(reason);
  ++rollout.decisions;
}

void want(Rollout& rollout, Traffic traffic, const Sight& sight) {
  rollout.before = sight.served.value_or(Traffic{});
  rollout.wanted = std::move(traffic);
  rollout.late.reset();
  rollout.revision = sight.revision;
}

void enter(const Plan& plan, Rollout& rollout, std::size_t position, std::string reason, const Sight& sight) {
  const Step step = schedule(plan)[position].step;
  rollout.position = position;
  rollout.dwelt = rollout.updated = Duration{0};
  want(rollout, traffic_of(rollout, step.weight, step.mirrored), sight);
  move_to(rollout, State::Applying, std::move(reason));
}

void complete(Rollout& rollout, model::VersionNumber winner, std::string reason, const Sight& sight) {
  rollout.winner = winner;
  rollout.rehearsal.reset();
  want(rollout, {{{winner, model::kWhole}}, {}}, sight);
  move_to(rollout, State::Completing, std::move(reason));
}

void restore(Rollout& rollout, std::string reason, const Sight& sight) {
  rollout.winner.reset();
  rollout.paused.reset();
  rollout.rehearsal.reset();
  want(rollout, {{{rollout.control, model::kWhole}}, {}}, sight);
  move_to(rollout, State::Restoring, std::move(reason));
}

std::size_t following(const Rollout& rollout, std::span<const Scheduled> steps) {
  const model::BasisPoints weight = weight_of(rollout);
  std::size_t to = rollout.position + 1;
  const auto waits = [&](std::size_t at) { return steps[at].step.approval && rollout.approved != at; };
  while (to < steps.size() && steps[to].step.weight < weight && !waits(to)) ++to;
  return to;
}

}  // namespace slipway::rollout
