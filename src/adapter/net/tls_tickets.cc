#include "adapter/net/tls_tickets.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <cstring>
#include <utility>

#include "base/invariant.h"

namespace slipway::net {
namespace {

bool start(const TicketKeys::Key& key, const unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, bool seals) {
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, const_cast<std::uint8_t*>(key.mac.data()), key.mac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
  return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.cipher.data(), iv, seals ? 1 : 0) == 1 &&
         EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

// OpenSSL's protocol: 1 go on, 2 go on and give the client a new ticket, 0 no such key, below 0 failed.
int use_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, int seals) {
  const auto* keys = static_cast<const TicketKeys*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  const auto pair = keys->pair();
  if (seals != 0) {
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return -1;
    std::memcpy(name, pair->current.name.data(), pair->current.name.size());
    return start(pair->current, iv, cipher, mac, true) ? 1 : -1;
  }
  for (const auto* key : {&pair->current, &pair->previous}) {
    if (std::memcmp(name, key->name.data(), key->name.size()) != 0) continue;
    if (!start(*key, iv, cipher, mac, false)) return -1;
    return key == &pair->current ? 1 : 2;
  }
  return 0;
}

}  // namespace

TicketKeys::TicketKeys(TimePoint now) : keys_(std::make_shared<const Pair>(Pair{fresh(), fresh()})), since_(now) {}

TicketKeys::Key TicketKeys::fresh() {
  Key key;
  invariant(RAND_bytes(key.name.data(), static_cast<int>(key.name.size())) == 1 &&
                RAND_priv_bytes(key.cipher.data(), static_cast<int>(key.cipher.size())) == 1 &&
                RAND_priv_bytes(key.mac.data(), static_cast<int>(key.mac.size())) == 1,
            "the system gives no randomness");
  return key;
}

void TicketKeys::rotate(TimePoint now) {
  if (now < since_ + kLife) return;
  const bool skipped_one = now >= since_ + 2 * kLife;
  keys_.publish(std::make_shared<const Pair>(Pair{fresh(), skipped_one ? fresh() : keys_.current()->current}));
  since_ = now;
}

void TicketKeys::attach(ssl_ctx_st* context) {
  SSL_CTX_set_app_data(context, this);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, use_key);
}

}  // namespace slipway::net
