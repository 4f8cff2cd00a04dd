// Trailers of HTTP/2 as a frame, written without a session: as literals, which say nothing of the table of fields.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "adapter/net/http2_session.h"

namespace slipway::net {

// There are some, and they surely fit one frame.
bool can_write_trailers(std::span<const Http2Field> trailers);
// HEADERS with END_HEADERS and END_STREAM. Requires: can_write_trailers().
void append_trailers(std::string& out, std::int32_t stream, std::span<const Http2Field> trailers);

}  // namespace slipway::net
