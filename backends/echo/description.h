// Description: what an echo model does, read from its one text file (docs/formats/echo-model.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/backend.h"

namespace slipway::echo {

// An output: a copy of one input, or one number for every row.
struct Source {
  std::optional<std::size_t> input;
  std::int64_t constant = 0;
};

// Rows (or whole executions) whose first element of `input` reads `text` fail.
struct Marker {
  std::size_t input;
  std::string text;
};

enum class Misbehaviour : std::uint8_t { None, Crash, Hang, Fail };

// A value. Throws Failure with the line at fault.
struct Description {
  std::vector<backend::Spec> inputs;
  std::vector<backend::Spec> outputs;
  std::vector<Source> sources;  // one per output
  std::uint64_t fixed_cost_us = 0;
  std::uint64_t row_cost_us = 0;
  std::optional<Marker> fail_row;
  std::optional<Marker> fail_batch;
  std::optional<Marker> hang_row;
  bool mixes_rows = false;                 // gives each row its neighbour's answer
  std::optional<Marker> mixes_rows_after;  // does so from the first execution that meets this value on
  std::uint64_t memory_bytes = 0;
  Misbehaviour at_load = Misbehaviour::None;
  Misbehaviour at_execute = Misbehaviour::None;

  static Description parse(std::string_view text);
};

}  // namespace slipway::echo
