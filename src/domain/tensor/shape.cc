#include "domain/tensor/shape.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/invariant.h"

namespace slipway::tensor {

Shape::Shape(std::initializer_list<std::int64_t> dimensions) {
  for (const std::int64_t size : dimensions) invariant(append(size), "a literal shape has at most eight dimensions");
}

Result<Shape> Shape::from(std::span<const std::int64_t> dimensions) {
  Shape shape;
  for (const std::int64_t size : dimensions) {
    if (!shape.append(size)) {
      return invalid_input("expected at most " + std::to_string(kMaxRank) + " dimensions, found " +
                           std::to_string(dimensions.size()));
    }
  }
  return shape;
}

bool Shape::append(std::int64_t size) {
  if (rank_ == kMaxRank) return false;
  dimensions_[rank_++] = size;
  return true;
}

std::optional<std::uint64_t> Shape::element_count() const {
  std::uint64_t count = 1;
  for (const std::int64_t size : dimensions()) {
    if (size < 0) return std::nullopt;
    const auto product = checked_multiply(count, static_cast<std::uint64_t>(size));
    if (!product || *product > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
    count = *product;
  }
  return count;
}

bool Shape::has_free_dimension() const {
  return std::ranges::any_of(dimensions(), [](std::int64_t size) { return size == kFreeDimension; });
}

std::string Shape::to_string() const {
  std::string text = "[";
  for (std::size_t i = 0; i < rank_; ++i) {
    if (i != 0) text += ',';
    text += std::to_string(dimensions_[i]);
  }
  return text + "]";
}

bool Shape::operator==(const Shape& other) const {
  return std::ranges::equal(dimensions(), other.dimensions());
}

}  // namespace slipway::tensor
