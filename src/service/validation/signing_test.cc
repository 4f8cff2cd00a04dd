#include "service/validation/signing.h"

#include <gtest/gtest.h>

namespace slipway::validation {
namespace {

using gate::SigningState;
using governance::SignatureFinding;
using governance::SignatureState;

SignatureFinding finding(SignatureState state) {
  return {state, {}, std::string(governance::name_of(state))};
}

TEST(SigningMeasurement, of_several_signatures_the_one_that_says_most_counts) {
  const SignatureFinding good{SignatureState::Verified, {"release", "night"}, {}};
  struct Row {
    std::vector<SignatureFinding> found;
    SigningState state;
  };
  for (const auto& [found, state] : std::vector<Row>{
           {{}, SigningState::Unsigned},
           {{finding(SignatureState::Invalid), good}, SigningState::Valid},
           {{finding(SignatureState::UnknownKey), finding(SignatureState::Invalid)}, SigningState::Invalid},
           {{finding(SignatureState::UnknownKey), finding(SignatureState::RevokedKey)}, SigningState::RevokedKey},
           {{finding(SignatureState::Unverifiable), finding(SignatureState::UnknownKey)}, SigningState::UnknownKey},
           {{finding(SignatureState::Unverifiable)}, SigningState::Unverifiable}}) {
    EXPECT_EQ(measured_signing(found, {}).state, state);
  }
  EXPECT_EQ(measured_signing(std::vector{good}, {}).key, "release, night");
  EXPECT_EQ(measured_signing(std::vector{finding(SignatureState::Invalid)}, {}).detail, "invalid");
}

TEST(SigningMeasurement, a_revoked_key_is_none_that_is_trusted) {
  const VerifyingKey key = VerifyingKey::of(Ed25519PrivateKey::generate().public_key());
  EXPECT_EQ(measured_signing({}, std::vector<governance::TrustedKey>{{"a", key}, {"b", key, true}}).trusted_keys, 1U);
}

}  // namespace
}  // namespace slipway::validation
