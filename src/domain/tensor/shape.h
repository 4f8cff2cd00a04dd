// Shape: the dimensions of a tensor, at most eight, held in place so that a request allocates nothing for them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"

namespace slipway::tensor {

inline constexpr std::size_t kMaxRank = 8;
inline constexpr std::int64_t kFreeDimension = -1;  // in a model's signature: any size

// A value. Dimensions are >= 0, or kFreeDimension in a signature.
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<std::int64_t> dimensions);  // Requires: at most kMaxRank.

  // InvalidInput if there are more than kMaxRank dimensions.
  static Result<Shape> from(std::span<const std::int64_t> dimensions);

  std::size_t rank() const { return rank_; }
  std::span<const std::int64_t> dimensions() const { return {dimensions_.data(), rank_}; }
  std::int64_t operator[](std::size_t i) const { return dimensions_[i]; }
  void set(std::size_t i, std::int64_t size) { dimensions_[i] = size; }
  bool append(std::int64_t size);  // false when full

  // Product of the dimensions; 1 for rank 0; nullopt on overflow of 63 bits or when a dimension is negative.
  std::optional<std::uint64_t> element_count() const;
  bool has_free_dimension() const;

  std::string to_string() const;  // "[-1,30]"
  bool operator==(const Shape& other) const;

 private:
  std::array<std::int64_t, kMaxRank> dimensions_{};
  std::uint8_t rank_ = 0;
};

}  // namespace slipway::tensor
