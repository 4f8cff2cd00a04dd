#include "domain/governance/signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::governance {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

model::PackageFile file(std::string path, std::string_view content) {
  return {std::move(path), content.size(), sha256(as_bytes(content))};
}

struct SignatureTest : testing::Test {
  Ed25519PrivateKey release = Ed25519PrivateKey::generate();
  Ed25519PrivateKey old = Ed25519PrivateKey::generate();
  Ed25519PrivateKey stranger = Ed25519PrivateKey::generate();
  std::vector<TrustedKey> trusted{{"release", VerifyingKey::of(release.public_key())},
                                  {"old", VerifyingKey::of(old.public_key()), true}};
  std::vector<model::PackageFile> files{file("slipway.yaml", "name: fraud"), file("model.onnx", "weights")};
  SignedTarget target{"fraud", 3, files};

  SignedBundle sign(const Statement& statement, std::initializer_list<const Ed25519PrivateKey*> keys) {
    SignedBundle bundle{.signed_bytes = "the statement's bytes", .statement = statement};
    for (const Ed25519PrivateKey* key : keys) {
      const auto signature = key->sign(as_bytes(bundle.signed_bytes));
      bundle.signatures.emplace_back(reinterpret_cast<const char*>(signature.bytes.data()), signature.bytes.size());
    }
    return bundle;
  }
  SignedBundle good() { return sign(statement_for("fraud", target), {&release}); }
  SignatureFinding check(const SignedBundle& bundle) { return check_signature(bundle, target, trusted); }
  void expect_invalid(const SignedBundle& bundle, const std::string& why) {
    const auto found = check(bundle);
    EXPECT_EQ(found.state, SignatureState::Invalid) << describe(found);
    EXPECT_THAT(found.detail, HasSubstr(why));
  }
};

TEST_F(SignatureTest, a_trusted_keys_word_for_these_files_is_verified) {
  EXPECT_EQ(check(good()), (SignatureFinding{SignatureState::Verified, {"release"}, ""}));
  EXPECT_EQ(describe(check(good())), "verified: release");
}

TEST_F(SignatureTest, of_several_signatures_one_by_a_key_that_still_counts_is_enough) {
  const auto bundle = sign(statement_for("fraud", target), {&stranger, &old, &release});
  EXPECT_THAT(check(bundle).keys, ElementsAre("release"));
  EXPECT_EQ(check(bundle).state, SignatureState::Verified);
}

TEST_F(SignatureTest, a_key_nobody_knows_says_nothing) {
  EXPECT_EQ(check(sign(statement_for("fraud", target), {&stranger})).state, SignatureState::UnknownKey);
  EXPECT_EQ(check(sign(statement_for("fraud", target), {})).state, SignatureState::UnknownKey);
}

TEST_F(SignatureTest, a_revoked_key_says_nothing_more) {
  const auto found = check(sign(statement_for("fraud", target), {&old}));
  EXPECT_EQ(found.state, SignatureState::RevokedKey);
  EXPECT_EQ(found.detail, "made by old, which is revoked");
}

TEST_F(SignatureTest, who_claims_a_trusted_key_and_has_it_not_is_invalid) {
  auto bundle = sign(statement_for("fraud", target), {&stranger});
  bundle.key_hint = trusted.front().key.pem_digest().hex();
  expect_invalid(bundle, "it says that release made it");
}

TEST_F(SignatureTest, bytes_changed_after_signing_are_nobodys) {
  auto bundle = good();
  bundle.signed_bytes += " ";
  EXPECT_EQ(check(bundle).state, SignatureState::UnknownKey);
}

TEST_F(SignatureTest, every_file_is_said_with_its_digest_and_no_other_one) {
  const auto bundle = good();
  files[1] = file("model.onnx", "other weights");
  expect_invalid(bundle, "it says \"model.onnx\" as sha256:");
  files[1] = file("model2.onnx", "weights");
  expect_invalid(bundle, "nothing about the file \"model2.onnx\"");
  files = {file("slipway.yaml", "name: fraud"), file("model.onnx", "weights"), file("extra", "")};
  target.files = files;
  expect_invalid(bundle, "nothing about the file \"extra\"");
  target.files = std::span(files).first(1);
  expect_invalid(bundle, "\"model.onnx\", which the package has not");
}

TEST_F(SignatureTest, the_packages_own_signature_file_need_not_be_said) {
  const auto bundle = good();
  files.push_back(file("model.sig", "the bundle"));
  target.files = files;
  EXPECT_EQ(check(bundle).state, SignatureState::Verified);
  files.back() = file("sub/model.sig", "the bundle");
  expect_invalid(bundle, "nothing about the file \"sub/model.sig\"");
}

TEST_F(SignatureTest, one_for_another_model_or_version_does_not_count) {
  const auto bundle = good();
  target.version = 4;
  expect_invalid(bundle, "it is about \"fraud:3\", this is \"fraud:4\"");
  target = {"churn", 3, files};
  expect_invalid(bundle, "it is about \"fraud:3\", this is \"churn:3\"");
  target = {"", std::nullopt, files};
  EXPECT_EQ(check(bundle).state, SignatureState::Verified) << "a package without a name yet";
}

TEST_F(SignatureTest, one_for_files_alone_counts_under_any_name) {
  const auto bundle = sign(statement_for("folder", {"", std::nullopt, files}), {&release});
  EXPECT_EQ(check(bundle).state, SignatureState::Verified);
}

TEST_F(SignatureTest, a_file_said_twice_is_invalid) {
  Statement statement = statement_for("fraud", target);
  statement.files.push_back(statement.files.front());
  expect_invalid(sign(statement, {&release}), "twice");
}

TEST_F(SignatureTest, what_cannot_be_checked_says_why) {
  auto bundle = good();
  bundle.obstacle = "a certificate, and no trust root";
  EXPECT_EQ(describe(check(bundle)), "unverifiable: a certificate, and no trust root");
}

}  // namespace
}  // namespace slipway::governance
