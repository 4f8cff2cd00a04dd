// Tensors as JSON: the one decoder and the one encoder of every protocol that carries them so.
#pragma once

#include <optional>
#include <string>

#include "adapter/codec/arena.h"
#include "adapter/codec/json_reader.h"
#include "domain/tensor/tensor.h"

namespace slipway::codec {

// Reads the JSON array of a tensor's elements in row-major order: flat, or nested exactly as the shape says. The
// result lies in `arena`, aligned, as TensorView wants it. nullopt: the reader failed. Integers must fit their type;
// FP numbers beyond theirs are infinity; BYTES elements are strings, BOOL elements true or false.
// Requires: no negative dimension in `declared.shape`; its `data` is not used.
std::optional<ByteSpan> read_json_elements(JsonReader& reader, const tensor::TensorView& declared, Arena& arena);

// Reads [1,30]. nullopt: the reader failed, as it does for more than kMaxRank dimensions, negative ones, and a product
// beyond 63 bits.
std::optional<tensor::Shape> read_json_shape(JsonReader& reader);

// "[0.5,1.0]": all elements, flat. Requires: check_data_length passed.
void append_json_elements(std::string& out, const tensor::TensorView& view);
void append_json_shape(std::string& out, const tensor::Shape& shape);

}  // namespace slipway::codec
