// What a prediction request is written in, seen from its text.
#pragma once

#include <cstdint>
#include <string_view>

namespace slipway::cli {

enum class RequestKind : std::uint8_t {
  Inference,  // Open Inference Protocol: a JSON object with the key "inputs"
  Plain,      // another JSON object: features, a row, rows
  Row,        // a JSON array of values
  Rows,       // a JSON array of rows: arrays, or objects of features
  Csv,
};

// Reads no values, so that bare NaN and Infinity, which the protocol allows, do no harm. Pure.
RequestKind request_kind(std::string_view text);

}  // namespace slipway::cli
