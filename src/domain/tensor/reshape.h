// Reshape: the same values under two shapes, the one clients have and the one the model has.
#pragma once

#include <optional>

#include "domain/tensor/shape.h"

namespace slipway::tensor {

// True if every tensor of the one shape is a tensor of the other: both have as many free dimensions, and as many values
// before, between and after them, as [-1,16] and [-1,4,4] or [2,4,-1,6] and [8,-1,1,6].
bool is_reshape(const Shape& one, const Shape& other);

// `shape`, which is one of `from`, as one of `to`: the sizes of free dimensions go over in order. nullopt: it is none
// of `from`. Requires: is_reshape(from, to).
std::optional<Shape> reshaped(const Shape& shape, const Shape& from, const Shape& to);

}  // namespace slipway::tensor
