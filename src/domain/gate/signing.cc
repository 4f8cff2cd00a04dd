// The signature policy gate: who vouches for the package's bytes.
#include "domain/gate/gates.h"

namespace slipway::gate {
namespace {

Verdict say(Outcome outcome, std::string detail) {
  std::vector<Evidence> rows{{.subject = "signature", .outcome = outcome, .count = 1, .detail = detail}};
  return {outcome, std::move(detail), std::move(rows)};
}

}  // namespace

Verdict judge_signing(const SigningPolicy& policy, const SigningMeasurement& measured) {
  const bool required = policy.unsigned_versions == Signing::Require;
  switch (measured.state) {
    case SigningState::Valid:
      return say(Outcome::Pass, "signed by '" + measured.key + "'");
    // A signature that does not fit its bytes is worse than none, whatever the policy.
    case SigningState::Invalid:
      return say(Outcome::Fail, "the signature does not fit the package: " + measured.detail);
    case SigningState::UnknownKey:
      return required ? say(Outcome::Fail, "expected a signature by a known key, found one by '" + measured.key + "'")
                      : say(Outcome::Pass, "warning: signed by '" + measured.key + "', a key that is not known here");
    case SigningState::Unsigned:
      return required ? say(Outcome::Fail, "expected a signature, found none")
                      : say(Outcome::Pass, "warning: not signed");
  }
  return say(Outcome::Fail, "the signature's state is not known");
}

}  // namespace slipway::gate
