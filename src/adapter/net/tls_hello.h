// Where the first message of a TLS connection ends.
#pragma once

#include "base/bytes.h"

namespace slipway::net {

// Whether these bytes begin with a ClientHello that is whole, over as many records as it takes (RFC 8446 5.1), or with
// what is none, or with more than one may take (16 KiB).
bool has_whole_hello(ByteSpan bytes);

}  // namespace slipway::net
