// gRPC's server reflection: which services there are, and the descriptors of their files. Both versions of the protocol
// have the same messages under two names. Pure functions of what is linked into the program.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace slipway::api_grpc {

// From one ServerReflectionRequest to its response. What is asked for and not there is an answer, too; an Error is for
// a message that is none.
Result<std::string> answer_reflection(ByteSpan message);

}  // namespace slipway::api_grpc
