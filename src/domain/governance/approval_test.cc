#include "domain/governance/approval.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

namespace slipway::governance {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Digest kBytes = sha256(as_bytes("bytes"));
const Digest kEvidence = sha256(as_bytes("evidence"));
const WallTime kNow{std::chrono::hours(24 * 365 * 50)};

Policy policy(std::string_view models, std::uint32_t approvals) {
  Policy made{.models = access::NamePattern::parse(models).value(), .environment = "production"};
  made.approvals = approvals;
  made.aliases = {model::Alias::parse("production").value(), model::Alias::parse("champion").value()};
  return made;
}
Candidate candidate() {
  return {
      .model = "fraud", .number = 3, .digest = kBytes, .makers = {"ci", "ada"}, .evidence = Evidence{kEvidence, true}};
}
Approval by(std::string_view principal) {
  return {.principal = std::string(principal),
          .environment = "production",
          .version = kBytes,
          .evidence = kEvidence,
          .at = kNow - std::chrono::hours(1)};
}
std::string answer(const Rules& rules, const std::vector<Approval>& approvals, const Candidate& of = candidate()) {
  const auto found = may_enter(rules, "production", of, approvals, kNow);
  if (!found.ok()) return std::string(name_of(found.error().code)) + ": " + found.error().message;
  switch (*found) {
    case Entry::Free:
      return "free";
    case Entry::Approved:
      return "approved";
    case Entry::Overridden:
      return "overridden";
  }
  return "";
}

TEST(Approval, without_a_policy_that_applies_everything_may_enter) {
  EXPECT_EQ(answer({}, {}), "free");
  EXPECT_EQ(answer({{policy("wine", 1)}}, {}), "free");
  Policy staging = policy("*", 1);
  staging.environment = "staging";
  EXPECT_EQ(answer({{staging}}, {}), "free");
}

TEST(Approval, a_step_that_asks_for_a_word_expects_one_where_no_policy_does) {
  const auto step = [](const Rules& rules, const std::vector<Approval>& approvals) {
    const auto found = may_advance(rules, "production", candidate(), approvals, kNow);
    return found.ok() ? std::string("goes on") : found.error().message;
  };
  EXPECT_EQ(
      step({}, {}),
      "version 3 of model \"fraud\" may not go to production: the step of the rollout expects 1 approval by others "
      "than ada, ci, who made it; found none");
  EXPECT_THAT(step({{policy("fr*", 0)}}, {by("ci")}), HasSubstr("found none"));
  EXPECT_EQ(step({}, {by("eva")}), "goes on");
  Approval old = by("eva");
  old.evidence = sha256(as_bytes("older"));
  EXPECT_THAT(step({}, {old}), HasSubstr("upon other evidence: eva"));
  EXPECT_THAT(step({{policy("fr*", 2)}}, {by("eva")}), HasSubstr("the policy for fr* expects 2 approvals"));
  EXPECT_EQ(step({{policy("fr*", 2)}}, {by("eva"), by("max")}), "goes on");
  Approval override = by("root");
  override.kind = Approval::Kind::Override;
  EXPECT_THAT(step({}, {override}), HasSubstr("found none")) << "there is no policy that it could override";
  EXPECT_EQ(step({{policy("fr*", 2)}}, {override}), "goes on");
}

TEST(Approval, a_refusal_says_what_the_policy_expects_and_what_there_is) {
  EXPECT_EQ(
      answer({{policy("fr*", 2)}}, {by("eva")}),
      "Conflict: version 3 of model \"fraud\" may not go to production: the policy for fr* expects 2 approvals by "
      "others than ada, ci, who made it; found eva");
}

TEST(Approval, two_different_people_are_two_and_one_person_twice_is_one) {
  const Rules two{{policy("*", 2)}};
  EXPECT_EQ(answer(two, {by("eva"), by("max")}), "approved");
  EXPECT_THAT(answer(two, {by("eva"), by("eva")}), HasSubstr("found eva"));
}

TEST(Approval, those_who_made_the_version_do_not_count) {
  EXPECT_THAT(answer({{policy("*", 1)}}, {by("ci"), by("ada")}), HasSubstr("found none"));
}

// Each of these is one word of the binding that does not fit.
TEST(Approval, it_counts_only_for_these_bytes_this_evidence_this_environment_and_its_time) {
  const Rules one{{policy("*", 1)}};
  Approval other_bytes = by("eva"), other_evidence = by("eva"), elsewhere = by("eva"), expired = by("eva"),
           revoked = by("eva"), early = by("eva");
  other_bytes.version = sha256(as_bytes("swapped"));
  other_evidence.evidence = {};
  elsewhere.environment = "staging";
  expired.expires_at = kNow;
  revoked.revoked = true;
  early.at = kNow + std::chrono::seconds(1);
  for (const Approval& approval : {other_bytes, other_evidence, elsewhere, expired, revoked, early}) {
    EXPECT_THAT(answer(one, {approval}), HasSubstr("found none"));
    EXPECT_EQ(answer(one, {approval, by("eva")}), "approved");
  }
  EXPECT_THAT(answer(one, {other_evidence}), HasSubstr("(too old, or upon other evidence: eva)"));
}

TEST(Approval, evidence_that_came_after_the_approval_asks_for_another_one) {
  Candidate without = candidate();
  without.evidence.reset();
  Approval approval = by("eva");
  approval.evidence = {};
  EXPECT_EQ(answer({{policy("*", 1)}}, {approval}, without), "approved");
  EXPECT_THAT(answer({{policy("*", 1)}}, {approval}), HasSubstr("upon other evidence: eva"));
}

TEST(Approval, a_policy_may_ask_for_evidence_that_passed) {
  Policy strict = policy("*", 0);
  strict.needs_evidence = true;
  EXPECT_EQ(answer({{strict}}, {}), "approved");
  Candidate failed = candidate();
  failed.evidence->passed = false;
  EXPECT_THAT(answer({{strict}}, {}, failed), HasSubstr("found evidence that did not"));
  failed.evidence.reset();
  EXPECT_THAT(answer({{strict}}, {}, failed), HasSubstr("found no evidence"));
  EXPECT_TRUE(awaits_evidence({{strict}}, "production", failed));
  EXPECT_FALSE(awaits_evidence({{strict}}, "staging", failed));
}

TEST(Approval, approvals_older_than_the_policy_takes_do_not_count) {
  Policy hourly = policy("*", 1);
  hourly.valid_for = std::chrono::hours(1);
  EXPECT_THAT(answer({{hourly}}, {by("eva")}), HasSubstr("too old"));
  hourly.valid_for = std::chrono::hours(2);
  EXPECT_EQ(answer({{hourly}}, {by("eva")}), "approved");
}

TEST(Approval, every_policy_that_applies_must_be_met) {
  EXPECT_THAT(answer({{policy("*", 1), policy("fraud", 2)}}, {by("eva")}), HasSubstr("the policy for fraud expects 2"));
  EXPECT_EQ(answer({{policy("*", 1), policy("fraud", 2)}}, {by("eva"), by("max")}), "approved");
}

TEST(Approval, an_override_lets_it_in_and_is_told_apart) {
  Approval override_ = by("root");
  override_.kind = Approval::Kind::Override;
  const Rules two{{policy("*", 2)}};
  EXPECT_EQ(answer(two, {override_}), "overridden");
  EXPECT_EQ(answer(two, {override_, by("eva"), by("max")}), "approved");
  override_.expires_at = kNow;
  EXPECT_THAT(answer(two, {override_}), HasSubstr("Conflict"));
}

TEST(Approval, an_alias_stands_for_the_environments_that_name_it) {
  Policy staging = policy("fr*", 1);
  staging.environment = "staging";
  const Rules rules{{policy("*", 1), staging}};
  EXPECT_THAT(environments_of(rules, "fraud", model::Alias::parse("champion").value()),
              ElementsAre("production", "staging"));
  EXPECT_THAT(environments_of(rules, "wine", model::Alias::parse("champion").value()), ElementsAre("production"));
  EXPECT_THAT(environments_of(rules, "fraud", model::Alias::parse("other").value()), IsEmpty());
}

TEST(Approval, only_versions_that_gain_traffic_enter) {
  using model::TrafficSplit;
  const auto split = [](std::vector<model::Share> shares) { return TrafficSplit::parse(std::move(shares)).value(); };
  const auto before = split({{1, {9'000}}, {2, {1'000}}});
  EXPECT_THAT(entering(std::nullopt, before), ElementsAre(1, 2));
  EXPECT_THAT(entering(before, before), IsEmpty());
  EXPECT_THAT(entering(before, split({{1, {8'000}}, {2, {1'000}}, {3, {1'000}}})), ElementsAre(3));
  EXPECT_THAT(entering(before, TrafficSplit::all_to(1)), ElementsAre(1));
  EXPECT_THAT(entering(before, split({{1, {5'000}}, {2, {5'000}}})), ElementsAre(2));
}

Policy asking(Signing signing, std::vector<std::string> signers = {}) {
  Policy made = policy("fr*", 0);
  made.signatures = signing;
  made.signers = std::move(signers);
  return made;
}
Candidate with(std::vector<SignatureFinding> signatures) {
  Candidate made = candidate();
  made.signatures = std::move(signatures);
  return made;
}
std::string load_answer(const Rules& rules, const Candidate& of, const std::vector<Approval>& approvals = {}) {
  const auto found = may_load(rules, "production", of, approvals);
  return found.ok() ? "ok" : std::string(name_of(found.error().code)) + ": " + found.error().message;
}

TEST(Signing, what_counts_at_the_way_in_counts_at_the_load) {
  const Rules any{{asking(Signing::Require)}}, one{{asking(Signing::Require, {"release"})}};
  const SignatureFinding release{SignatureState::Verified, {"release"}, {}};
  const SignatureFinding laptop{SignatureState::Verified, {"laptop"}, {}};
  const SignatureFinding stranger{SignatureState::UnknownKey, {}, "by a stranger"};
  const SignatureFinding revoked{SignatureState::RevokedKey, {"release"}, "made by release, which is revoked"};
  const SignatureFinding invalid{SignatureState::Invalid, {"release"}, "it says other files"};
  const SignatureFinding keyless{SignatureState::Unverifiable, {}, "by a certificate"};
  for (const auto& [rules, signatures, is_enough] :
       std::vector<std::tuple<Rules, std::vector<SignatureFinding>, bool>>{{any, {}, false},
                                                                           {any, {release}, true},
                                                                           {any, {laptop}, true},
                                                                           {any, {stranger}, false},
                                                                           {any, {revoked}, false},
                                                                           {any, {invalid}, false},
                                                                           {any, {keyless}, false},
                                                                           {any, {stranger, invalid, release}, true},
                                                                           {one, {laptop}, false},
                                                                           {one, {laptop, release}, true},
                                                                           {one, {revoked, laptop}, false}}) {
    const Candidate version = with(signatures);
    EXPECT_EQ(answer(rules, {}, version) == "approved", is_enough) << answer(rules, {}, version);
    EXPECT_EQ(load_answer(rules, version) == "ok", is_enough) << load_answer(rules, version);
  }
}

TEST(Signing, a_refusal_says_whose_signature_is_expected_and_what_was_found_of_each) {
  const Rules rules{{asking(Signing::Require, {"release", "night"})}};
  EXPECT_EQ(
      load_answer(rules,
                  with({{SignatureState::UnknownKey, {}, "by a stranger"}, {SignatureState::Verified, {"ci"}, {}}})),
      "Conflict: version 3 of model \"fraud\" may not go to production: the policy for fr* expects a signature by "
      "release or night, found unknown-key: by a stranger; verified: ci");
}

TEST(Signing, a_warning_lets_in_and_is_told_and_ignoring_asks_nothing) {
  const Rules warn{{asking(Signing::Warn)}};
  EXPECT_EQ(load_answer(warn, candidate()), "ok");
  EXPECT_THAT(warnings(warn, "production", candidate()),
              ElementsAre("the policy for fr* expects a signature by a trusted key, found none"));
  EXPECT_THAT(warnings(warn, "staging", candidate()), IsEmpty());
  EXPECT_TRUE(asks_for_signatures(warn, "fraud", "production"));
  EXPECT_FALSE(asks_for_signatures(warn, "fraud", "staging"));
  EXPECT_FALSE(asks_for_signatures({{asking(Signing::Ignore)}}, "fraud", "production"));
}

TEST(Signing, only_an_override_for_these_bytes_here_that_nobody_took_back_lets_them_be_loaded) {
  const Rules rules{{asking(Signing::Require)}};
  Approval override = by("root");
  EXPECT_NE(load_answer(rules, candidate(), {override}), "ok") << "an approval is none";
  override.kind = Approval::Kind::Override;
  override.expires_at = kNow - std::chrono::minutes(1);
  EXPECT_EQ(load_answer(rules, candidate(), {override}), "ok") << "what is served is served again after a restart";
  EXPECT_NE(answer(rules, {override}).substr(0, 8), "overridd") << "and enters nowhere anew";
  Approval other = override;
  other.environment = "staging";
  EXPECT_NE(load_answer(rules, candidate(), {other}), "ok");
  other = override;
  other.version = sha256(as_bytes("other bytes"));
  EXPECT_NE(load_answer(rules, candidate(), {other}), "ok");
  override.revoked = true;
  EXPECT_NE(load_answer(rules, candidate(), {override}), "ok");
}

TEST(Signing, what_is_enforced_no_override_lifts) {
  Approval override = by("root");
  override.kind = Approval::Kind::Override;
  const Rules rules{{asking(Signing::Require), asking(Signing::Enforce, {"release"})}};
  const Candidate by_another = with({{SignatureState::Verified, {"laptop"}, {}}});
  EXPECT_EQ(load_answer({{asking(Signing::Require)}}, candidate(), {override}), "ok");
  EXPECT_THAT(load_answer(rules, by_another, {override}), testing::HasSubstr("no override lets it in without"));
  EXPECT_THAT(answer(rules, {override}, by_another), testing::HasSubstr("expects a signature by release"));
  EXPECT_EQ(load_answer(rules, with({{SignatureState::Verified, {"release"}, {}}})), "ok");
}

}  // namespace
}  // namespace slipway::governance
