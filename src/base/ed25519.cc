#include "base/ed25519.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/digest.h"
#include "base/invariant.h"

namespace slipway {
namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIO* bio) const { BIO_free_all(bio); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Memory = std::unique_ptr<BIO, FreeKey>;
using DigestRun = std::unique_ptr<EVP_MD_CTX, FreeKey>;

constexpr std::size_t kLargestPem = 4096;

const unsigned char* start(ByteSpan bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Memory memory_of(std::string_view text) {
  return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

template <class Write>
std::string written(Write write) {
  const Memory out(BIO_new(BIO_s_mem()));
  invariant(out && write(out.get()) == 1, "a key is written as PEM");
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

Ed25519PublicKey public_part(EVP_PKEY* key) {
  Ed25519PublicKey found;
  std::size_t size = found.bytes.size();
  invariant(EVP_PKEY_get_raw_public_key(key, found.bytes.data(), &size) == 1 && size == found.bytes.size(),
            "an Ed25519 key has a public part of 32 bytes");
  return found;
}

// A passphrase is never asked for at a terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

template <std::size_t N>
bool read_hex(std::string_view text, std::array<std::uint8_t, N>& into) {
  if (text.size() != 2 * N) return false;
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  for (std::size_t i = 0; i < N; ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    into[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

}  // namespace

std::string Ed25519PublicKey::hex() const {
  return to_hex(std::as_bytes(std::span(bytes)));
}

std::string Ed25519PublicKey::pem() const {
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes.data(), bytes.size()));
  invariant(key != nullptr, "32 bytes are an Ed25519 public key");
  return written([&](BIO* out) { return PEM_write_bio_PUBKEY(out, key.get()); });
}

std::string Ed25519Signature::hex() const {
  return to_hex(std::as_bytes(std::span(bytes)));
}

Result<Ed25519PublicKey> parse_public_key(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  Ed25519PublicKey key;
  if (read_hex(text, key.bytes)) return key;
  const Error wrong = invalid_input(
      "expected an Ed25519 public key: 64 lower-case hexadecimal digits, or PEM that begins with \"-----BEGIN PUBLIC "
      "KEY-----\"");
  if (text.size() > kLargestPem) return wrong;
  const Memory in = memory_of(text);
  const Key read(in ? PEM_read_bio_PUBKEY(in.get(), nullptr, no_passphrase, nullptr) : nullptr);
  if (!read || EVP_PKEY_get_id(read.get()) != EVP_PKEY_ED25519) return wrong;
  return public_part(read.get());
}

Result<Ed25519Signature> parse_signature(std::string_view hex) {
  Ed25519Signature signature;
  if (read_hex(hex, signature.bytes)) return signature;
  return invalid_input("expected an Ed25519 signature of 128 lower-case hexadecimal digits, found " +
                       std::to_string(hex.size()) + " characters");
}

bool is_signed_by(const Ed25519PublicKey& key, ByteSpan message, const Ed25519Signature& signature) {
  const Key read(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.bytes.data(), key.bytes.size()));
  const DigestRun run(EVP_MD_CTX_new());
  return read && run && EVP_DigestVerifyInit(run.get(), nullptr, nullptr, nullptr, read.get()) == 1 &&
         EVP_DigestVerify(run.get(), signature.bytes.data(), signature.bytes.size(), start(message), message.size()) ==
             1;
}

struct Ed25519PrivateKey::Held {
  Key key;
};

Ed25519PrivateKey::Ed25519PrivateKey(std::unique_ptr<Held> held) : held_(std::move(held)) {}
Ed25519PrivateKey::~Ed25519PrivateKey() = default;
Ed25519PrivateKey::Ed25519PrivateKey(Ed25519PrivateKey&&) noexcept = default;
Ed25519PrivateKey& Ed25519PrivateKey::operator=(Ed25519PrivateKey&&) noexcept = default;

Ed25519PrivateKey Ed25519PrivateKey::generate() {
  auto held = std::make_unique<Held>();
  held->key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  invariant(held->key != nullptr, "an Ed25519 key can be made");
  return Ed25519PrivateKey(std::move(held));
}

Result<Ed25519PrivateKey> Ed25519PrivateKey::from_pem(std::string_view text) {
  auto held = std::make_unique<Held>();
  if (text.size() <= kLargestPem) {
    const Memory in = memory_of(text);
    if (in) held->key.reset(PEM_read_bio_PrivateKey(in.get(), nullptr, no_passphrase, nullptr));
  }
  if (!held->key || EVP_PKEY_get_id(held->key.get()) != EVP_PKEY_ED25519) {
    return invalid_input(
        "expected an Ed25519 private key without a passphrase, as PEM that begins with \"-----BEGIN PRIVATE KEY-----\" "
        "(`openssl genpkey -algorithm ed25519` makes one)");
  }
  return Ed25519PrivateKey(std::move(held));
}

std::string Ed25519PrivateKey::pem() const {
  return written(
      [&](BIO* out) { return PEM_write_bio_PrivateKey(out, held_->key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}

Ed25519PublicKey Ed25519PrivateKey::public_key() const {
  return public_part(held_->key.get());
}

Ed25519Signature Ed25519PrivateKey::sign(ByteSpan message) const {
  Ed25519Signature signature;
  std::size_t size = signature.bytes.size();
  const DigestRun run(EVP_MD_CTX_new());
  invariant(run && EVP_DigestSignInit(run.get(), nullptr, nullptr, nullptr, held_->key.get()) == 1 &&
                EVP_DigestSign(run.get(), signature.bytes.data(), &size, start(message), message.size()) == 1 &&
                size == signature.bytes.size(),
            "an Ed25519 key signs any message");
  return signature;
}

}  // namespace slipway
