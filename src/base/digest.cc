#include "base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/invariant.h"

namespace slipway {
namespace {
int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
}  // namespace

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  invariant(state_->context && EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) == 1, "SHA-256 is available");
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(ByteSpan bytes) {
  invariant(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1, "SHA-256 accepts more input");
}

Digest Sha256::finish() {
  Digest digest;
  unsigned length = 0;
  invariant(EVP_DigestFinal_ex(state_->context, digest.bytes.data(), &length) == 1 && length == digest.bytes.size(),
            "SHA-256 finishes once");
  return digest;
}

Digest sha256(ByteSpan bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

std::string to_hex(ByteSpan bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::byte b : bytes) {
    text += kDigits[std::to_integer<unsigned>(b) >> 4];
    text += kDigits[std::to_integer<unsigned>(b) & 15];
  }
  return text;
}

std::string Digest::hex() const {
  return to_hex(std::as_bytes(std::span(bytes)));
}

Result<Digest> parse_digest(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with("sha256:")) digits.remove_prefix(7);
  Digest digest;
  bool good = digits.size() == 64;
  for (std::size_t i = 0; good && i < 32; ++i) {
    const int high = hex_value(digits[2 * i]);
    const int low = hex_value(digits[2 * i + 1]);
    good = high >= 0 && low >= 0;
    digest.bytes[i] = static_cast<std::uint8_t>((high << 4) | low);
  }
  if (!good) return invalid_input("expected a SHA-256 of 64 hexadecimal digits, found \"" + std::string(text) + "\"");
  return digest;
}

void fill_random(MutableByteSpan out) {
  invariant(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size())) == 1,
            "the system's random generator works");
}

bool equal_in_constant_time(ByteSpan a, ByteSpan b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace slipway
