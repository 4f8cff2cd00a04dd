#include "base/ed25519.h"

#include <gtest/gtest.h>

#include <random>

namespace slipway {
namespace {

// RFC 8032, section 7.1, test 2: one byte, 0x72.
constexpr auto kPublic = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
constexpr auto kSignature =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb0"
    "0d"
    "291612bb0c00";

TEST(Ed25519, accepts_the_signature_of_the_standard) {
  const auto key = parse_public_key(kPublic).value();
  const auto signature = parse_signature(kSignature).value();
  EXPECT_TRUE(is_signed_by(key, as_bytes("\x72"), signature));
  EXPECT_FALSE(is_signed_by(key, as_bytes("\x73"), signature));
  EXPECT_FALSE(is_signed_by(key, as_bytes(""), signature));
}

TEST(Ed25519, a_key_and_its_public_part_survive_being_written_as_pem) {
  const auto key = Ed25519PrivateKey::generate();
  const auto again = Ed25519PrivateKey::from_pem(key.pem()).value();
  EXPECT_EQ(again.public_key(), key.public_key());
  EXPECT_EQ(parse_public_key(key.public_key().pem()).value(), key.public_key());
  EXPECT_EQ(parse_public_key(key.public_key().hex() + "\n").value(), key.public_key());
  const auto signature = key.sign(as_bytes("a model"));
  EXPECT_TRUE(is_signed_by(again.public_key(), as_bytes("a model"), parse_signature(signature.hex()).value()));
}

TEST(Ed25519, no_bit_of_signature_or_message_may_change) {
  const auto key = Ed25519PrivateKey::generate();
  std::string message = "sha256 of a model and the rest";
  const auto signature = key.sign(as_bytes(message));
  ASSERT_TRUE(is_signed_by(key.public_key(), as_bytes(message), signature));
  for (std::size_t bit = 0; bit < 512; ++bit) {
    auto changed = signature;
    changed.bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(is_signed_by(key.public_key(), as_bytes(message), changed)) << bit;
  }
  for (char& c : message) {
    c = static_cast<char>(c ^ 1);
    EXPECT_FALSE(is_signed_by(key.public_key(), as_bytes(message), signature));
    c = static_cast<char>(c ^ 1);
  }
  EXPECT_FALSE(is_signed_by(Ed25519PrivateKey::generate().public_key(), as_bytes(message), signature));
}

TEST(Ed25519, what_is_no_key_is_refused_with_what_was_expected) {
  const std::string key = Ed25519PrivateKey::generate().pem();
  for (const std::string& text : {std::string(), std::string("nonsense"), key.substr(0, key.size() / 2),
                                  Ed25519PrivateKey::generate().public_key().pem(), std::string(10'000, 'A')}) {
    const auto read = Ed25519PrivateKey::from_pem(text);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code, ErrorCode::InvalidInput);
  }
  EXPECT_FALSE(parse_public_key("3D").ok());
  EXPECT_FALSE(parse_public_key(key).ok());
  EXPECT_FALSE(parse_signature("00").ok());
}

}  // namespace
}  // namespace slipway
