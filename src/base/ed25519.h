// Ed25519 keys and signatures (RFC 8032), by OpenSSL.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace slipway {

// A value.
struct Ed25519PublicKey {
  std::array<std::uint8_t, 32> bytes{};
  auto operator<=>(const Ed25519PublicKey&) const = default;

  std::string hex() const;  // 64 lower-case digits
  std::string pem() const;  // "-----BEGIN PUBLIC KEY-----..."
};

struct Ed25519Signature {
  std::array<std::uint8_t, 64> bytes{};
  auto operator<=>(const Ed25519Signature&) const = default;

  std::string hex() const;  // 128 lower-case digits
};

// InvalidInput says what was expected.
Result<Ed25519PublicKey> parse_public_key(std::string_view text);  // 64 hexadecimal digits, or PEM
Result<Ed25519Signature> parse_signature(std::string_view hex);

bool is_signed_by(const Ed25519PublicKey& key, ByteSpan message, const Ed25519Signature& signature);

// Owned by whoever signs; any thread. Its memory is wiped when it goes.
class Ed25519PrivateKey {
 public:
  static Ed25519PrivateKey generate();
  // "-----BEGIN PRIVATE KEY-----..." without a passphrase. InvalidInput: something else, or another kind of key.
  static Result<Ed25519PrivateKey> from_pem(std::string_view text);
  ~Ed25519PrivateKey();
  Ed25519PrivateKey(Ed25519PrivateKey&&) noexcept;
  Ed25519PrivateKey& operator=(Ed25519PrivateKey&&) noexcept;

  std::string pem() const;
  Ed25519PublicKey public_key() const;
  Ed25519Signature sign(ByteSpan message) const;

 private:
  struct Held;
  explicit Ed25519PrivateKey(std::unique_ptr<Held> held);
  std::unique_ptr<Held> held_;
};

}  // namespace slipway
