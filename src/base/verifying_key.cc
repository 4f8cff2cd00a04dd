#include "base/verifying_key.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>

#include "base/invariant.h"

namespace slipway {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIO* bio) const { BIO_free_all(bio); }
  void operator()(EVP_MD_CTX* run) const { EVP_MD_CTX_free(run); }
  void operator()(unsigned char* bytes) const { OPENSSL_free(bytes); }
};

constexpr std::size_t kLongestPem = 4096;

struct Kind {
  std::string_view name;
  std::string_view curve;  // as OpenSSL calls it; empty: Ed25519
  const EVP_MD* (*hash)();
};
constexpr std::array<Kind, 4> kKinds = {{{"Ed25519", "", nullptr},
                                         {"ECDSA P-256", "prime256v1", EVP_sha256},
                                         {"ECDSA P-384", "secp384r1", EVP_sha384},
                                         {"ECDSA P-521", "secp521r1", EVP_sha512}}};

// None: a kind that is not accepted.
const Kind* kind_of(const EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519) return kKinds.data();
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC) return nullptr;
  std::array<char, 64> curve{};
  std::size_t size = 0;
  if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, curve.data(), curve.size(), &size) != 1) {
    return nullptr;
  }
  const auto found = std::find_if(kKinds.begin() + 1, kKinds.end(),
                                  [&](const Kind& kind) { return kind.curve == std::string_view(curve.data(), size); });
  return found == kKinds.end() ? nullptr : &*found;
}

int no_passphrase(char*, int, int, void*) {
  return -1;
}

const unsigned char* start(ByteSpan bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

struct VerifyingKey::Key {
  std::unique_ptr<EVP_PKEY, Free> key;
  const Kind* kind;
};

VerifyingKey VerifyingKey::keep(std::shared_ptr<const Key> key) {
  auto held = std::make_shared<Held>();
  unsigned char* bytes = nullptr;
  const int size = i2d_PUBKEY(key->key.get(), &bytes);
  invariant(size > 0, "a public key has a SubjectPublicKeyInfo");
  const std::unique_ptr<unsigned char, Free> encoded(bytes);
  held->digest = sha256({reinterpret_cast<const std::byte*>(bytes), static_cast<std::size_t>(size)});
  const std::unique_ptr<BIO, Free> out(BIO_new(BIO_s_mem()));
  invariant(out && PEM_write_bio_PUBKEY(out.get(), key->key.get()) == 1, "a public key is written as PEM");
  char* text = nullptr;
  const long length = BIO_get_mem_data(out.get(), &text);
  held->of_pem = sha256(as_bytes(std::string_view(text, static_cast<std::size_t>(length))));
  held->key = std::move(key);
  return VerifyingKey(std::move(held));
}

VerifyingKey VerifyingKey::of(const Ed25519PublicKey& key) {
  auto kept = std::make_shared<Key>();
  kept->key.reset(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.bytes.data(), key.bytes.size()));
  invariant(kept->key != nullptr, "32 bytes are an Ed25519 public key");
  kept->kind = kKinds.data();
  return keep(std::move(kept));
}

Result<VerifyingKey> VerifyingKey::parse(std::string_view text) {
  if (const auto raw = parse_public_key(text); raw.ok()) return of(*raw);
  auto kept = std::make_shared<Key>();
  if (text.size() <= kLongestPem) {
    const std::unique_ptr<BIO, Free> in(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    if (in) kept->key.reset(PEM_read_bio_PUBKEY(in.get(), nullptr, no_passphrase, nullptr));
  }
  kept->kind = kept->key ? kind_of(kept->key.get()) : nullptr;
  if (kept->kind) return keep(std::move(kept));
  return invalid_input(
      "expected a public key that is Ed25519 or ECDSA on P-256, P-384 or P-521: PEM that begins with \"-----BEGIN "
      "PUBLIC KEY-----\", or 64 lower-case hexadecimal digits");
}

bool VerifyingKey::verifies(ByteSpan message, ByteSpan signature) const {
  const Key& key = *held_->key;
  const std::unique_ptr<EVP_MD_CTX, Free> run(EVP_MD_CTX_new());
  const EVP_MD* hash = key.kind->hash ? key.kind->hash() : nullptr;
  return run && EVP_DigestVerifyInit(run.get(), nullptr, hash, nullptr, key.key.get()) == 1 &&
         EVP_DigestVerify(run.get(), start(signature), signature.size(), start(message), message.size()) == 1;
}

std::string_view VerifyingKey::kind() const {
  return held_->key->kind->name;
}

}  // namespace slipway
