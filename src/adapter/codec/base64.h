// Base64 as RFC 4648 section 4 writes it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace slipway::codec {

// The bytes; InvalidInput names the place of the first character that does not belong there. Padding may be left out;
// nothing else: no line ends, no other alphabet, no bits beyond the last byte.
Result<std::string> decode_base64(std::string_view text);

std::string encode_base64(std::string_view bytes);  // with padding

}  // namespace slipway::codec
