// HMAC: that a message was made by somebody who knows a secret.
#pragma once

#include "base/digest.h"

namespace slipway {

// With SHA-256, as RFC 2104 has it.
Digest hmac_sha256(ByteSpan key, ByteSpan message);

}  // namespace slipway
