#include "base/verifying_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::HasSubstr;

constexpr std::string_view kMessage = "signed with openssl pkeyutl -sign -rawin";

struct Sample {
  std::string_view kind, pem, signature;
};
// Keys and signatures over kMessage that the openssl command made.
constexpr Sample kSamples[] = {
    {"Ed25519",
     "-----BEGIN PUBLIC KEY-----\n"
     "MCowBQYDK2VwAyEAlXppjfdBxqx2SD9FQXOPFX9Gdyftgip9hAL57k7vKwg=\n"
     "-----END PUBLIC KEY-----\n",
     "99e2ca9d8b6ed72f348d26837ba65be573d73f050a4cd217710c041de3fdddcc24649fbd8f302c0a12a74aa06122135d62ef"
     "1b8f63083f2ef5257df5d73ac40d"},
    {"ECDSA P-256",
     "-----BEGIN PUBLIC KEY-----\n"
     "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEnfkiYqPkkqEYg8MB2QSnJZusVQkB\n"
     "/iIxVVr+zuaTGu/BmpB3IUPOV2HbbE/q2sltHIzeYOnDUwjwvDrvTYhZeA==\n"
     "-----END PUBLIC KEY-----\n",
     "30450221008a67978ab0ae5a278b2df8568046ce52a09a5c895ead314ed1ff1357a8397bd1022023a8509e298377921543b4"
     "b0600d1be68c46d0af4531a9d907b5ff3a19a4b2e8"},
    {"ECDSA P-384",
     "-----BEGIN PUBLIC KEY-----\n"
     "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEt8UEa+Ku9dLGUcMv+jI+GCPLnF6+O3nw\n"
     "oqT5i/9WkZAGcD3Xv9CBq/Om+2/6iZYGhDCmUYfy9hkdxLT4Bi4zO1iiH6TeFB79\n"
     "Prkgj/4u8NLk+eSJFdQHygGax6eTYixk\n"
     "-----END PUBLIC KEY-----\n",
     "3065023041fbca9a9965c2503114adab12d34cc51065f852e010fb4bda5b8cdac3763c46cb3b317062dcabafccc41e53e52c"
     "a8a5023100ae57d0351694a8cb9eb59abc9285b29715f5caa196bbaa438bf1b9adb660a1aa8f38c6d522c39ef20a232c6236"
     "e91086"},
    {"ECDSA P-521",
     "-----BEGIN PUBLIC KEY-----\n"
     "MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQANzB67IBSezv+Vh5tsUWVtT6xugUn\n"
     "TdljgINHozdwRlCtm1sIBIa4cC3OmBRGCoD8B71CMJGbsk/DuVAWanCfbY0A8WxY\n"
     "E//+agit+HJu3SjDiBcGJE5xzDhEJF7kTYMQ9KtzKtpfvvZNm0LYqbGLfi6Vm2vC\n"
     "czTExOdSkOwVOCBpokg=\n"
     "-----END PUBLIC KEY-----\n",
     "3081880242014576a6d8b5b4acce00bd480d72023743f2515bda9b8d7ddbbf855a81637ee410fe0a8846d15e8fabe055693b"
     "3849b77274576bc643d35b7808d6e96ed00b3625e6024201cc8f169021a1d912f16b1a622ac37b7ab7787e98f06d3e9dc054"
     "a703927ec7356851ab5e748c7ecc91fbf82656c7f9f7c7a1d7958a2915c5c66306908fdcf1aab5"},
};

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

TEST(VerifyingKey, verifies_what_each_accepted_kind_signed) {
  for (const Sample& sample : kSamples) {
    const auto key = VerifyingKey::parse(sample.pem).value();
    const std::string signature = from_hex(sample.signature);
    EXPECT_EQ(key.kind(), sample.kind);
    EXPECT_TRUE(key.verifies(as_bytes(kMessage), as_bytes(signature))) << sample.kind;
    EXPECT_FALSE(key.verifies(as_bytes("another message"), as_bytes(signature))) << sample.kind;
    EXPECT_FALSE(key.verifies(as_bytes(kMessage), {})) << sample.kind;
    EXPECT_EQ(key.pem_digest(), sha256(as_bytes(sample.pem)));
  }
}

TEST(VerifyingKey, takes_no_signature_with_a_bit_flipped) {
  for (const Sample& sample : kSamples) {
    const auto key = VerifyingKey::parse(sample.pem).value();
    const std::string good = from_hex(sample.signature);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
      std::string bad = good;
      bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
      EXPECT_FALSE(key.verifies(as_bytes(kMessage), as_bytes(bad))) << sample.kind << ", bit " << bit;
    }
  }
}

TEST(VerifyingKey, takes_no_signature_of_another_kind_or_key) {
  for (const Sample& one : kSamples) {
    for (const Sample& other : kSamples) {
      if (one.kind == other.kind) continue;
      const std::string signature = from_hex(other.signature);
      EXPECT_FALSE(VerifyingKey::parse(one.pem).value().verifies(as_bytes(kMessage), as_bytes(signature)));
    }
  }
}

TEST(VerifyingKey, is_the_same_key_in_either_form) {
  const auto key = Ed25519PrivateKey::generate();
  const auto by_hex = VerifyingKey::parse(key.public_key().hex()).value();
  EXPECT_EQ(by_hex, VerifyingKey::parse(key.public_key().pem()).value());
  const auto signature = key.sign(as_bytes(kMessage));
  EXPECT_TRUE(by_hex.verifies(as_bytes(kMessage), std::as_bytes(std::span(signature.bytes))));
}

TEST(VerifyingKey, other_keys_are_refused) {
  constexpr std::string_view kRsa =
      "-----BEGIN PUBLIC KEY-----\n"
      "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqC1+wueeIr9Z3wzSGVO0\n"
      "nRzNujfwdiUrGw/BQrv+0LY7SM4fpSAqnf1oZ/40Rat/B+Mza+gzEmhZyWh9bdWj\n"
      "1+nQbdlxJaGHaFPvI2qg3GlkA4HLNl6PGegh8yOgLBmUaowzTq8Prm6klXob5Km2\n"
      "E4G2YJA7sw0Bb9sI1MoxRj7zdzBurF5y/lNfByHJGkV3tl1vlUf3pQkeyMZo21R2\n"
      "ksCDGTni3+lIhuSqIwpi6W7tNPieq7mKqzADYbaE/gH7RE3jBvyJ+7yWUbPdjpdt\n"
      "Wxx2UNu+UpMwwKMqm/PSocAvNHvjhNiNnW+InVNPbegaWMrneFVyRXVDRKJrvv5u\n"
      "MQIDAQAB\n"
      "-----END PUBLIC KEY-----\n";
  constexpr std::string_view kOtherCurve =
      "-----BEGIN PUBLIC KEY-----\n"
      "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEcpOVThmQbg/WnTFpADA0G409op9yXl8n\n"
      "jGdQM0cVO0DO4QrGGF7TPx4tjGFoA/acJFra+VryQMBUGywI88zPkA==\n"
      "-----END PUBLIC KEY-----\n";
  for (const std::string_view text : {std::string_view(), std::string_view("key"), kRsa, kOtherCurve}) {
    const auto parsed = VerifyingKey::parse(text);
    EXPECT_THAT(parsed.ok() ? "" : parsed.error().message, HasSubstr("expected a public key that is Ed25519")) << text;
  }
  EXPECT_FALSE(VerifyingKey::parse(std::string(1 << 20, 'a')).ok());
}

}  // namespace
}  // namespace slipway
