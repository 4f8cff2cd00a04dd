#include "domain/tensor/reshape.h"

namespace slipway::tensor {
namespace {

// Reads the run of fixed dimensions from `at` on: their product, nullopt beyond 63 bits; `at` is then behind it.
std::optional<std::uint64_t> run_from(const Shape& shape, std::size_t& at) {
  Shape run;
  while (at < shape.rank() && shape[at] != kFreeDimension) run.append(shape[at++]);
  return run.element_count();
}

}  // namespace

bool is_reshape(const Shape& one, const Shape& other) {
  std::size_t at = 0, beside = 0;
  for (;;) {
    const auto count = run_from(one, at), same = run_from(other, beside);
    if (!count || count != same) return false;
    if (at == one.rank() || beside == other.rank()) return at == one.rank() && beside == other.rank();
    ++at;
    ++beside;
  }
}

std::optional<Shape> reshaped(const Shape& shape, const Shape& from, const Shape& to) {
  if (shape.rank() != from.rank()) return std::nullopt;
  Shape made = to;
  std::size_t next = 0;
  for (std::size_t i = 0; i < from.rank(); ++i) {
    if (from[i] != kFreeDimension) {
      if (shape[i] != from[i]) return std::nullopt;
      continue;
    }
    while (next < to.rank() && to[next] != kFreeDimension) ++next;
    if (next == to.rank()) return std::nullopt;
    made.set(next++, shape[i]);
  }
  return made;
}

}  // namespace slipway::tensor
