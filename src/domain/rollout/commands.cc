#include "domain/rollout/commands.h"

#include <algorithm>
#include <array>

#include "domain/rollout/approvals.h"
#include "domain/rollout/traffic_text.h"

namespace slipway::rollout {
namespace {

constexpr std::array<std::string_view, 7> kNames = {"pause",      "resume",  "promote", "abort",
                                                    "set_weight", "approve", "drill"};
static_assert(std::variant_size_v<Command> == kNames.size());

Error wrong_state(const Rollout& rollout, std::string_view command) {
  return conflict("cannot " + std::string(command) + " a rollout that is " + std::string(name_of(rollout.state)) +
                  (rollout.paused ? " and paused" : ""));
}

// Each command on a copy, which is the answer.
class Applied {
 public:
  Applied(const Plan& plan, Rollout rollout, const Person& person, std::string_view started_by, const Sight& sight)
      : plan_(plan),
        steps_(schedule(plan)),
        rollout_(std::move(rollout)),
        person_(person),
        started_by_(started_by),
        sight_(sight) {}

  Result<Rollout> operator()(const PauseNow&) {
    if (rollout_.paused || rollout_.state == State::Completing || rollout_.state == State::Restoring) {
      return wrong_state(rollout_, "pause");
    }
    rollout_.paused.emplace(Pause{person_.name, person_.reason});
    return noted("paused");
  }

  Result<Rollout> operator()(const Resume&) {
    if (!rollout_.paused) return conflict("cannot resume a rollout that is not paused");
    rollout_.paused.reset();
    return noted("resumed");
  }

  Result<Rollout> operator()(const Promote& command) {
    if (rollout_.state != State::Observing && rollout_.state != State::AwaitingApproval) {
      return wrong_state(rollout_, "promote");
    }
    if (!is_as_wanted(rollout_, sight_)) return changed();
    const std::size_t to = command.to_the_end ? steps_.size() : following(rollout_, steps_);
    for (std::size_t at = following(rollout_, steps_); at <= to; ++at) {
      if (needs_approval(plan_, rollout_, steps_, at, sight_)) return conflict(place(at) + unapproved(at));
    }
    rollout_.paused.reset();
    if (to < steps_.size()) {
      enter(plan_, rollout_, to, said("promoted"), sight_);
    } else if (rollout_.candidates.size() > 1) {
      return conflict("a rollout of several candidates ends by its evidence; abort it and deploy the one you mean");
    } else {
      complete(rollout_, rollout_.candidates.front(), said("promoted"), sight_);
    }
    return std::move(rollout_);
  }

  Result<Rollout> operator()(const Abort&) {
    if (rollout_.state == State::Restoring) {
      move_to(rollout_, State::Aborted, said("given up") + "; still served: " + served_text());
    } else if (rollout_.state == State::Queued) {
      move_to(rollout_, State::Aborted, said("aborted"));
    } else if (is_as_wanted(rollout_, sight_) || is_late(rollout_, sight_)) {
      restore(rollout_, said("aborted"), sight_);
    } else if (is_as_before(rollout_, sight_)) {
      // Whoever recorded what is wanted may be about to have it served.
      Traffic asked = rollout_.wanted;
      restore(rollout_, said("aborted"), sight_);
      rollout_.late = std::move(asked);
    } else {
      move_to(rollout_, State::Aborted, said("aborted, after somebody else had changed what is served"));
    }
    return std::move(rollout_);
  }

  Result<Rollout> operator()(const SetWeight& command) {
    if (command.weight > model::kWhole) {
      return invalid_input("expected a weight of at most 100 %, found " + std::to_string(command.weight.count) +
                           " basis points");
    }
    if (rollout_.state != State::Observing && rollout_.state != State::AwaitingApproval) {
      return wrong_state(rollout_, "set the weight of");
    }
    if (steps_[rollout_.position].step.is_adaptive) return conflict("a bandit moves its weights by itself; pause it");
    if (!is_as_wanted(rollout_, sight_)) return changed();
    TRY(expect_approved(command.weight));
    rollout_.paused.emplace(Pause{person_.name, person_.reason});
    rollout_.dwelt = Duration{0};
    want(rollout_, traffic_of(rollout_, command.weight, rollout_.wanted.mirrored), sight_);
    move_to(rollout_, State::Applying, said("weight set to " + std::to_string(command.weight.count) + " basis points"));
    return std::move(rollout_);
  }

  Result<Rollout> operator()(const Approve&) {
    if (person_.name == started_by_) return denied("who started a rollout cannot approve it; somebody else has to");
    if (rollout_.state == State::Completing || rollout_.state == State::Restoring) {
      return wrong_state(rollout_, "approve");
    }
    std::size_t at = rollout_.state == State::Queued ? 0 : rollout_.position + 1;
    while (at <= steps_.size() && !asks(at)) ++at;
    if (at > steps_.size()) return conflict("no further step of the rollout asks for an approval");
    // One word at a time: another one for a later step would take this one away.
    if (rollout_.approved == at && sight_.unapproved.empty()) return conflict(place(at) + " is approved already");
    rollout_.approved = at;
    return noted("approved");
  }

  Result<Rollout> operator()(const Drill& command) {
    if (rollout_.state != State::Observing && rollout_.state != State::AwaitingApproval) {
      return wrong_state(rollout_, "rehearse the way back of");
    }
    if (!is_as_wanted(rollout_, sight_)) return changed();
    if (weight_of(rollout_).count == 0) {
      return conflict("control has all traffic: there is no way back to rehearse before a candidate has some");
    }
    if (!sight_.is_live || !sight_.load_failure.empty()) {
      return conflict("not every version of the rollout is loaded" +
                      (sight_.load_failure.empty() ? "" : ": " + sight_.load_failure) +
                      "; nothing is rehearsed on what may not answer");
    }
    rollout_.rehearsal.emplace(Rehearsal{rollout_.wanted, command.now});
    want(rollout_, traffic_of(rollout_, {}, rollout_.wanted.mirrored), sight_);
    move_to(rollout_, State::Applying, said("drill: the way back is rehearsed"));
    return std::move(rollout_);
  }

 private:
  std::string said(const std::string& what) const { return what + " by " + person_.name + ": " + person_.reason; }

  Result<Rollout> noted(const std::string& what) {
    rollout_.reason = said(what);
    ++rollout_.decisions;
    return std::move(rollout_);
  }

  bool asks(std::size_t at) const { return asks_for_approval(plan_, steps_, at); }
  std::string unapproved(std::size_t at) const {
    if (rollout_.approved != at) return " asks for an approval that nobody gave";
    return " asks for an approval, and the one it has is not enough: " + sight_.unapproved;
  }
  std::string place(std::size_t at) const {
    return (at < steps_.size() ? "step " + std::to_string(at + 1) : std::string("the end")) + " of the rollout";
  }

  // More traffic by hand is no way past a step that asks for somebody's word.
  Result<void> expect_approved(model::BasisPoints weight) const {
    if (weight <= std::max(weight_of(rollout_), steps_[rollout_.position].step.weight)) return {};
    for (std::size_t at = rollout_.position + 1; at <= steps_.size(); ++at) {
      if (needs_approval(plan_, rollout_, steps_, at, sight_)) {
        return conflict("a weight of " + std::to_string(weight.count) + " basis points is beyond " + place(at) +
                        ", which" + unapproved(at));
      }
      if (at < steps_.size() && steps_[at].step.weight >= weight) break;
    }
    return {};
  }

  std::string served_text() const { return sight_.served ? text_of(*sight_.served) : "nothing"; }

  static Error changed() { return conflict("what is served is not what the rollout wants; look at its status"); }

  const Plan& plan_;
  const std::vector<Scheduled> steps_;
  Rollout rollout_;
  const Person& person_;
  const std::string_view started_by_;
  const Sight& sight_;
};

}  // namespace

std::string_view name_of(const Command& command) {
  return kNames[command.index()];
}

Result<Rollout> apply(const Plan& plan, const Rollout& rollout, const Command& command, const Person& person,
                      std::string_view started_by, const Sight& sight) {
  if (person.reason.empty() || person.reason.size() > kLongestReason) {
    return invalid_input("expected a reason of 1 to " + std::to_string(kLongestReason) + " bytes, found " +
                         std::to_string(person.reason.size()));
  }
  if (is_over(rollout.state)) return wrong_state(rollout, name_of(command));
  return std::visit(Applied(plan, rollout, person, started_by, sight), command);
}

}  // namespace slipway::rollout
