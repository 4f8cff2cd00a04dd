// Signatures of versions: what is attached, what a policy makes of it, and what is loaded.
#include <gmock/gmock.h>

#include "adapter/signature_bundle/signature_bundle.h"
#include "house.h"

namespace slipway::registry_scenarios {
namespace {

using governance::SignatureState;
using governance::Signing;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Signatures : public House {
 protected:
  void SetUp() override {
    given_versions(2);
    keys = {{"release", VerifyingKey::of(release.public_key())}, {"old", VerifyingKey::of(old.public_key())}};
    ask_for(Signing::Require);
  }
  void ask_for(Signing signing, std::vector<std::string> signers = {}) {
    governance::Policy policy{.models = access::NamePattern::parse("fr*").value(),
                              .environment = "production",
                              .approvals = 0,
                              .signatures = signing,
                              .signers = std::move(signers),
                              .aliases = {alias("production")}};
    rules = {{policy}, keys};
    restart();
  }
  model::ModelVersion version(model::VersionNumber number) { return registry->version(name("fraud"), number).value(); }
  std::string bundle_of(model::VersionNumber number, const Ed25519PrivateKey& key) {
    const auto signed_version = version(number);
    return signature_bundle::signed_bundle(governance::statement_for("fraud", {"fraud", number, signed_version.files}),
                                           key);
  }
  Result<registry::Registry::Signature> attach(model::VersionNumber number, const std::string& bundle) {
    return registry->attach_signature(name("fraud"), number, bundle, eva);
  }
  void given_signed(model::VersionNumber number) {
    ASSERT_EQ(message(attach(number, bundle_of(number, release))), "ok");
  }

  const Ed25519PrivateKey release = Ed25519PrivateKey::generate();
  const Ed25519PrivateKey old = Ed25519PrivateKey::generate();
  std::vector<governance::TrustedKey> keys;
};

TEST_F(Signatures, a_version_without_one_does_not_enter) {
  EXPECT_THAT(message(deploy(1)), HasSubstr("expects a signature by a trusted key, found none"));
  EXPECT_EQ(outcome(registry->set_alias(name("fraud"), alias("production"), 1, std::nullopt, eva)), "Conflict");
  given_signed(1);
  EXPECT_EQ(message(deploy(1)), "ok");
  EXPECT_EQ(outcome(deploy(2)), "Conflict");
  EXPECT_EQ(message(deploy(2, "staging")), "ok");
}

TEST_F(Signatures, one_of_another_version_is_refused_and_the_attempt_is_kept) {
  EXPECT_THAT(message(attach(2, bundle_of(1, release))), HasSubstr("it is about \"fraud:1\", this is \"fraud:2\""));
  EXPECT_THAT(registry->signatures(name("fraud"), 2).value(), IsEmpty());
  const auto refused = refusals.take(clock.wall_now());
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].subject, "sign version 2");
}

TEST_F(Signatures, what_is_no_signature_is_refused) {
  for (const char* text : {"", "{}", "-----BEGIN SIGNATURE-----"}) EXPECT_EQ(outcome(attach(1, text)), "InvalidInput");
}

TEST_F(Signatures, one_by_a_stranger_is_kept_and_counts_once_the_key_is_trusted) {
  const auto stranger = Ed25519PrivateKey::generate();
  EXPECT_EQ(attach(1, bundle_of(1, stranger)).value().finding.state, SignatureState::UnknownKey);
  EXPECT_THAT(message(deploy(1)), HasSubstr("found unknown-key: expected a signature by one of 2 trusted keys"));
  keys.push_back({"newcomer", VerifyingKey::of(stranger.public_key())});
  ask_for(Signing::Require);
  EXPECT_EQ(message(deploy(1)), "ok");
}

TEST_F(Signatures, a_revoked_key_counts_no_more_also_for_what_is_loaded) {
  ASSERT_EQ(message(attach(1, bundle_of(1, old))), "ok");
  ASSERT_EQ(message(deploy(1)), "ok");
  EXPECT_EQ(message(registry->may_load("production", version(1))), "ok");
  keys[1].revoked = true;
  ask_for(Signing::Require);
  EXPECT_THAT(message(registry->may_load("production", version(1))), HasSubstr("made by old, which is revoked"));
  EXPECT_EQ(outcome(deploy(1)), "ok") << "nothing changes: it is there already";
  given_signed(1);
  EXPECT_EQ(message(registry->may_load("production", version(1))), "ok") << "signed again by another key";
}

TEST_F(Signatures, a_policy_may_name_whose_it_must_be) {
  ask_for(Signing::Require, {"release"});
  ASSERT_EQ(message(attach(1, bundle_of(1, old))), "ok");
  EXPECT_THAT(message(deploy(1)), HasSubstr("expects a signature by release, found verified: old"));
  given_signed(1);
  EXPECT_EQ(message(deploy(1)), "ok");
}

TEST_F(Signatures, a_warning_lets_it_in) {
  ask_for(Signing::Warn);
  EXPECT_EQ(message(deploy(1)), "ok");
  EXPECT_EQ(message(registry->may_load("production", version(1))), "ok");
}

TEST_F(Signatures, an_override_lets_it_in_and_be_loaded_again) {
  const registry::Author root{"root", "incident"};
  ASSERT_TRUE(registry->override_policies(name("fraud"), 1, "production", std::chrono::hours(1), root).ok());
  EXPECT_EQ(message(deploy(1)), "ok");
  clock.advance(std::chrono::hours(48));
  EXPECT_EQ(message(registry->may_load("production", version(1))), "ok") << "a restart serves what was served";
  EXPECT_EQ(outcome(registry->may_load("production", version(2))), "Conflict");
}

TEST_F(Signatures, a_load_that_is_refused_again_and_again_is_kept_once) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(outcome(registry->may_load("production", version(1))), "Conflict");
  const auto refused = refusals.take(clock.wall_now());
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].subject, "load version 1 in production");
  EXPECT_EQ(outcome(registry->may_load("production", version(1))), "Conflict");
  EXPECT_THAT(refusals.take(clock.wall_now()), IsEmpty());
}

TEST_F(Signatures, a_record_that_was_changed_in_the_store_is_not_loaded) {
  given_signed(1);
  auto changed = version(1);
  changed.files[0].digest = sha256(as_bytes("other weights"));
  EXPECT_EQ(outcome(registry->may_load("production", changed)), "Corrupt");
  changed.digest = model::package_digest(changed.files);
  EXPECT_THAT(message(registry->may_load("production", changed)), HasSubstr("may not go to production"));
  changed = version(1);
  changed.manifest += "\nlimits: {}";
  EXPECT_THAT(message(registry->may_load("production", changed)), HasSubstr("the manifest of the version is not"));
}

TEST_F(Signatures, the_same_again_is_the_one_there_is) {
  given_signed(1);
  given_signed(1);
  EXPECT_THAT(registry->signatures(name("fraud"), 1).value(), SizeIs(1));
}

TEST_F(Signatures, those_of_strangers_leave_room_for_the_trusted) {
  for (int i = 0; i < 8; ++i) ASSERT_EQ(message(attach(1, bundle_of(1, Ed25519PrivateKey::generate()))), "ok");
  EXPECT_THAT(message(attach(1, bundle_of(1, Ed25519PrivateKey::generate()))),
              HasSubstr("needs a key that is trusted"));
  given_signed(1);
  EXPECT_EQ(message(deploy(1)), "ok");
}

TEST_F(Signatures, under_another_name_a_version_needs_another_one) {
  given_signed(1);
  const auto bundle = bundle_of(1, release);
  ASSERT_EQ(message(registry->rename_model(name("fraud"), name("fresh"), eva)), "ok");
  const auto renamed = registry->version(name("fresh"), 1).value();
  EXPECT_THAT(registry->signatures(name("fresh"), 1).value(), IsEmpty());
  EXPECT_EQ(outcome(registry->may_load("production", renamed)), "Conflict");
  EXPECT_THAT(message(registry->attach_signature(name("fresh"), 1, bundle, eva)), HasSubstr("it is about \"fraud:1\""));
}

TEST_F(Signatures, the_history_says_who_attached_it_and_what_it_was) {
  given_signed(1);
  const auto event = registry->history("fraud", 0, 1).value().front();
  EXPECT_EQ(event.action, "sign");
  EXPECT_EQ(event.actor, "eva");
  EXPECT_THAT(event.to, HasSubstr("verified: release sha256:"));
}

}  // namespace
}  // namespace slipway::registry_scenarios
