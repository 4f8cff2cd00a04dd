// gRPC-Web: a call's trailers as the last piece of its body, and bodies as base64 text. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "adapter/net/grpc_status.h"
#include "base/bytes.h"
#include "base/result.h"

namespace slipway::net {

// The piece that ends a call: its flag, its length, "grpc-status:5\r\ngrpc-message:...\r\n".
void append_web_trailers(std::string& out, GrpcCode code, std::string_view message);

// Clients may encode a body in parts, each with its own padding. InvalidInput tells the byte at fault.
Result<void> append_base64_decoded(std::string& out, std::string_view text);
void append_base64(std::string& out, std::string_view bytes);

}  // namespace slipway::net
