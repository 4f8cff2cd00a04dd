// Answers of two versions, made of a seed, for the tests of evidence.
#pragma once

#include "domain/evidence/evidence.h"
#include "domain/stats/random.h"

namespace slipway::evidence {

inline EvidencePlan errors_plan() {
  EvidencePlan plan;
  plan.metrics = {{.name = "error_rate", .margin_ratio = 2.0}};
  return plan;
}

// Traffic made of a seed: rates by arm, a ramp of shares.
class Traffic {
 public:
  explicit Traffic(std::uint64_t seed) : random_(seed) {}

  double error_rate = 0.01, harm = 1;
  double share = 0.2;
  std::uint64_t slices = 0;

  Observation next() {
    t_ += 0.01;
    const stats::Arm arm = random_.unit() < share ? stats::Arm::Candidate : stats::Arm::Control;
    const double rate = error_rate * (arm == stats::Arm::Candidate ? harm : 1);
    return {.t = t_, .arm = arm, .p = share, .error = random_.unit() < rate, .slices = slices};
  }
  double unit() { return random_.unit(); }

 private:
  stats::Xoshiro256 random_;
  double t_ = 0;
};

// Answers until the verdict is no longer Inconclusive; 0 if it never is.
inline int answers_until_verdict(Evidence& evidence, Traffic& traffic, int most) {
  for (int i = 1; i <= most; ++i) {
    evidence.observe(traffic.next());
    if (evidence.verdict() != model::Verdict::Inconclusive) return i;
  }
  return 0;
}

}  // namespace slipway::evidence
