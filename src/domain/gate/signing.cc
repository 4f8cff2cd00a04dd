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
    case SigningState::RevokedKey:
      return say(required ? Outcome::Fail : Outcome::Pass, (required ? "" : "warning: ") + measured.detail);
    case SigningState::UnknownKey:
    case SigningState::Unverifiable:
      if (!required) return say(Outcome::Pass, "warning: " + measured.detail);
      // Nothing is known against it either.
      if (measured.trusted_keys == 0) return say(Outcome::Inconclusive, "no key is trusted here: " + measured.detail);
      return say(Outcome::Fail, measured.detail);
    case SigningState::Unsigned:
      return required ? say(Outcome::Fail, "expected a signature, found none")
                      : say(Outcome::Pass, "warning: not signed");
  }
  return say(Outcome::Fail, "the signature's state is not known");
}

}  // namespace slipway::gate
