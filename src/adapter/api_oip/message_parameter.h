// MessageParameter: one entry of a gRPC message's parameters, a name and a value of one of five kinds.
#pragma once

#include <cstdint>
#include <string_view>

#include "adapter/protobuf_wire/wire_reader.h"
#include "base/result.h"

namespace slipway::api_oip {

// A proto3 string: InvalidInput unless it is one, in UTF-8. `what` names it in the error.
Result<std::string_view> text_of(const protobuf_wire::WireField& field, std::string_view what);

// A value; borrows the message.
struct MessageParameter {
  enum class Kind : std::uint8_t { None, Bool, Int64, Text, Double, UInt64 };  // the numbers of InferParameter's fields

  // `entry`: of a map<string, InferParameter>.
  static Result<MessageParameter> read(const protobuf_wire::WireField& entry);

  // InvalidInput names the parameter when it is of another kind, or below 0.
  Result<std::uint64_t> whole_number() const;
  Result<bool> truth() const;
  Result<std::string_view> words() const;

  std::string_view name;
  Kind kind = Kind::None;
  std::uint64_t bits = 0;
  std::string_view text;
};

}  // namespace slipway::api_oip
