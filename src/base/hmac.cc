#include "base/hmac.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/invariant.h"

namespace slipway {

Digest hmac_sha256(ByteSpan key, ByteSpan message) {
  Digest digest;
  unsigned length = 0;
  const unsigned char* const made =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.bytes.data(), &length);
  invariant(made != nullptr && length == digest.bytes.size(), "HMAC-SHA-256 is available");
  return digest;
}

}  // namespace slipway
