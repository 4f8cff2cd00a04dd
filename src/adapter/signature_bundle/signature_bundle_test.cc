#include "adapter/signature_bundle/signature_bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapter/codec/base64.h"
#include "adapter/signature_bundle/reference_bundles.h"

namespace slipway::signature_bundle {
namespace {

using governance::check_signature;
using governance::SignatureState;
using governance::SignedTarget;
using testing::HasSubstr;

model::PackageFile file(std::string path, std::string_view content) {
  return {std::move(path), content.size(), sha256(as_bytes(content))};
}
std::vector<model::PackageFile> folder() {
  return {file("model.onnx", "weights"), file("slipway.yaml", "name: tiny\n"), file("sub-b/z", "y"),
          file("sub/extra-a", "x")};
}
std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}
std::string problem(const std::string& text) {
  const auto read = read_bundle(text);
  return read.ok() ? "none" : read.error().message;
}

struct BundleTest : testing::Test {
  Ed25519PrivateKey key = Ed25519PrivateKey::generate();
  std::vector<governance::TrustedKey> trusted{{"release", VerifyingKey::of(key.public_key())}};
  std::vector<model::PackageFile> files = folder();
  SignedTarget target{"tiny", 2, files};
  std::string good = signed_bundle(governance::statement_for("tiny", target), key);

  // The bundle with its signed statement changed, and signed again by whoever has the key.
  std::string resigned(std::string_view what, std::string_view by) {
    const auto read = read_bundle(good).value();
    const std::string payload = replaced(read.signed_bytes.substr(read.signed_bytes.find('{')), what, by);
    const std::string pae = "DSSEv1 28 application/vnd.in-toto+json " + std::to_string(payload.size()) + " " + payload;
    const auto signature = key.sign(as_bytes(pae));
    const std::string_view raw(reinterpret_cast<const char*>(signature.bytes.data()), signature.bytes.size());
    return R"({"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{}},)"
           R"("dsseEnvelope":{"payloadType":"application/vnd.in-toto+json","payload":")" +
           codec::encode_base64(payload) + R"(","signatures":[{"sig":")" + codec::encode_base64(raw) + "\"}]}}";
  }
  SignatureState state(const std::string& text) {
    const auto read = read_bundle(text);
    return read.ok() ? check_signature(*read, target, trusted).state : SignatureState::Invalid;
  }
};

TEST_F(BundleTest, what_is_signed_here_is_verified_here) {
  const auto read = read_bundle(good).value();
  EXPECT_EQ(read.statement, governance::statement_for("tiny", target));
  EXPECT_EQ(state(good), SignatureState::Verified);
  EXPECT_EQ(signed_bundle(read.statement, key), good);
}

TEST_F(BundleTest, what_the_reference_implementation_signed_is_verified) {
  for (const ReferenceBundle& reference : kReferenceBundles) {
    const std::vector<governance::TrustedKey> keys{{"theirs", VerifyingKey::parse(reference.key).value()}};
    const auto bundle = read_bundle(reference.bundle).value();
    EXPECT_EQ(keys.front().key.kind(), reference.kind);
    EXPECT_EQ(bundle.key_hint, keys.front().key.pem_digest().hex());
    EXPECT_EQ(check_signature(bundle, target, keys).state, SignatureState::Verified) << reference.kind;
    files[0] = file("model.onnx", "weightz");
    EXPECT_EQ(check_signature(bundle, target, keys).state, SignatureState::Invalid) << reference.kind;
    files[0] = file("model.onnx", "weights");
    EXPECT_EQ(check_signature(bundle, target, trusted).state, SignatureState::UnknownKey);
  }
}

TEST_F(BundleTest, no_byte_of_a_bundle_can_be_changed_to_another_meaning) {
  const auto read = read_bundle(good).value();
  std::size_t verified = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char other : {'A', '0', '"', ' ', static_cast<char>(good[at] ^ 1)}) {
      if (good[at] == other) continue;
      std::string bad = good;
      bad[at] = other;
      const auto found = read_bundle(bad);
      if (!found.ok()) continue;
      const auto checked = check_signature(*found, target, trusted);
      if (checked.state != SignatureState::Verified) continue;
      ++verified;
      EXPECT_EQ(found->signed_bytes, read.signed_bytes) << "byte " << at;
    }
  }
  EXPECT_LT(verified, good.size()) << "white space, the hint, and keys that nobody reads";
}

TEST_F(BundleTest, a_statement_signed_again_must_still_be_about_these_files) {
  EXPECT_EQ(state(resigned("\"slipway.yaml\"", "\"slipway.yaml\"")), SignatureState::Verified);
  EXPECT_EQ(state(resigned("\"version\":2", "\"version\":1")), SignatureState::Invalid);
  EXPECT_EQ(state(resigned("\"model\":\"tiny\"", "\"model\":\"tins\"")), SignatureState::Invalid);
  EXPECT_EQ(state(resigned("\"name\":\"sub-b/z\"", "\"name\":\"sub-b/../z\"")), SignatureState::Invalid);
}

TEST_F(BundleTest, the_subject_must_be_the_digest_of_what_is_listed) {
  const std::string subject = "\"sha256\":\"";
  const auto payload = read_bundle(good)->signed_bytes;
  const std::string now = payload.substr(payload.find(subject) + subject.size(), 64);
  EXPECT_THAT(problem(resigned(now, std::string(64, '0'))), HasSubstr("the digest of the files it lists"));
}

TEST_F(BundleTest, other_hashes_and_shards_are_read_and_not_verified) {
  for (const auto& [what, by] : {std::pair("\"method\":\"files\"", "\"method\":\"shards\""),
                                 std::pair("\"hash_type\":\"sha256\"", "\"hash_type\":\"blake3\"")}) {
    const auto found = check_signature(read_bundle(resigned(what, by)).value(), target, trusted);
    EXPECT_EQ(found.state, SignatureState::Unverifiable);
    EXPECT_THAT(found.detail, HasSubstr("only files by sha256"));
  }
}

TEST_F(BundleTest, a_certificate_is_read_and_not_verified) {
  const std::string by_certificate = replaced(good, "\"publicKey\"", "\"certificate\"");
  const auto found = check_signature(read_bundle(by_certificate).value(), target, trusted);
  EXPECT_EQ(found.state, SignatureState::Unverifiable);
  EXPECT_THAT(found.detail, HasSubstr("no trust root"));
}

TEST_F(BundleTest, a_signature_does_not_choose_its_algorithm) {
  // An Ed25519 signature under a bundle that says P-256, and the other way round: the trusted key's kind counts.
  const std::vector<governance::TrustedKey> theirs{{"theirs", VerifyingKey::parse(kReferenceBundles[0].key).value()}};
  EXPECT_EQ(check_signature(read_bundle(good).value(), target, theirs).state, SignatureState::UnknownKey);
  const std::string claims = replaced(good, "\"keyid\": \"\"", "\"keyid\": \"\", \"alg\": \"none\"");
  EXPECT_EQ(state(claims), SignatureState::Verified) << "what nobody reads changes nothing";
}

TEST_F(BundleTest, what_is_no_bundle_is_refused_with_its_place) {
  for (const auto& [text, why] : std::vector<std::pair<std::string, std::string>>{
           {"", "expected a JSON object"},
           {"[]", "expected a JSON object"},
           {"{\"a\":1,\"a\":2}", "the key \"a\" twice"},
           {"{\"a\":" + std::string(100'000, '[') + "}", "deeper than 16"},
           {std::string(5 << 20, ' '), "at most 4194304 bytes"},
           {replaced(good, "bundle.v0.3", "bundel.v0.3"), "mediaType: expected"},
           {replaced(good, "in-toto+json", "json"), "dsseEnvelope.payloadType"},
           {replaced(good, "\"payload\": \"", "\"payload\": \"?"), "dsseEnvelope.payload: expected base64"},
           {replaced(good, "\"sig\": \"", "\"sig\": \"=="), "signatures[0].sig: expected base64"},
           {replaced(good, "\"sig\"", "\"signature\""), "signatures[0].sig: expected a string, found none"},
           {replaced(good, "\"publicKey\"", "\"key\""), "verificationMaterial.publicKey"},
           {resigned("Statement/v1", "Statement/v2"), "_type: expected"},
           {resigned("signature/v1.0", "signature/v9.0"), "predicateType: expected"},
           {resigned("\"version\":2", "\"version\":0"), "predicate.slipway.version"},
           {resigned("\"version\":2", "\"version\":-1"), "predicate.slipway.version"},
           {resigned("\"algorithm\":\"sha256\"", "\"algorithm\":\"md5\""), "resources[0].algorithm"},
           {resigned("\"subject\"", "\"object\""), "subject: expected a list"}}) {
    EXPECT_THAT(problem(text), HasSubstr(why)) << text.substr(0, 80);
  }
}

}  // namespace
}  // namespace slipway::signature_bundle
