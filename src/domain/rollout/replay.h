// Decisions made again from what they were made from, to see that the same ones come out.
#pragma once

#include <string>
#include <vector>

#include "domain/rollout/basis.h"

namespace slipway::rollout {

// The rollout after the decision, as rollout::open, next or apply make it. Conflict: nothing is decided on this basis;
// else as those say.
Result<Rollout> decide_again(const Plan& plan, const Basis& basis);

// What was recorded of a decision beside its basis.
struct Recorded {
  std::uint64_t number = 0;
  std::string action;
  State state = State::Queued;
  std::size_t position = 0;
  Traffic wanted;
  std::string reason;
};

// One thing that is not as it was recorded. A value.
struct Difference {
  std::string what;      // "state", "evidence of version 2: verdict"
  std::string recorded;  // for people
  std::string again;
  bool operator==(const Difference&) const = default;
};

std::vector<Difference> differences(const Recorded& recorded, const Rollout& again);
// Between the rollout after one decision and that before the next: only time may have passed.
std::vector<Difference> differences_between(const Rollout& after, const Rollout& before_next);

// As it is recorded at its beginning; and where one of its versions was taken away meanwhile.
void begin(Rollout& rollout, const Person& person);
void withdraw(Rollout& rollout, const std::string& why);

}  // namespace slipway::rollout
