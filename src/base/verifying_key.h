// VerifyingKey: a public key that others sign with, of one of the few kinds that are accepted.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/ed25519.h"
#include "base/result.h"

namespace slipway {

// A value that shares its key; any thread. Its kind comes from the key alone: what a signature says of its algorithm is
// never asked, so no signature can choose how it is looked at.
class VerifyingKey {
 public:
  // PEM ("-----BEGIN PUBLIC KEY-----") of an Ed25519 key or of an ECDSA key on P-256, P-384 or P-521; or 64 hexadecimal
  // digits of an Ed25519 key. InvalidInput says what was expected.
  static Result<VerifyingKey> parse(std::string_view text);
  static VerifyingKey of(const Ed25519PublicKey& key);

  // ECDSA is over SHA-256, SHA-384 and SHA-512, in the order of the curves above; its signatures are DER.
  bool verifies(ByteSpan message, ByteSpan signature) const;

  std::string_view kind() const;                               // "Ed25519", "ECDSA P-256"
  const Digest& fingerprint() const { return held_->digest; }  // SHA-256 of its SubjectPublicKeyInfo
  const Digest& pem_digest() const { return held_->of_pem; }   // SHA-256 of its PEM text, as OpenSSL writes it
  bool operator==(const VerifyingKey& other) const { return fingerprint() == other.fingerprint(); }

 private:
  struct Key;
  struct Held {
    std::shared_ptr<const Key> key;
    Digest digest, of_pem;
  };
  explicit VerifyingKey(std::shared_ptr<const Held> held) : held_(std::move(held)) {}
  static VerifyingKey keep(std::shared_ptr<const Key> key);
  std::shared_ptr<const Held> held_;
};

}  // namespace slipway
