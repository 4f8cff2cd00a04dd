#include "domain/tensor/reshape.h"

#include <gtest/gtest.h>

namespace slipway::tensor {
namespace {

TEST(Reshape, needs_as_many_values_before_between_and_after_free_dimensions) {
  struct Row {
    Shape one, other;
    bool is_one;
  };
  for (const Row& row : std::initializer_list<Row>{{{-1, 16}, {-1, 4, 4}, true},
                                                   {{-1, 16}, {-1, 4, 5}, false},
                                                   {{-1, 1}, {-1}, true},
                                                   {{-1, 2}, {-1}, false},
                                                   {{1}, {}, true},
                                                   {{}, {}, true},
                                                   {{2, 4, -1, 6}, {8, -1, 1, 6}, true},
                                                   {{2, 4, -1, 6}, {8, -1, 5}, false},
                                                   {{2, 4, -1, 6}, {-1, 48}, false},
                                                   {{-1, -1, 3}, {-1, 3}, false},
                                                   {{-1, -1, 3}, {-1, 1, -1, 3, 1}, true},
                                                   {{-1, 3, -1}, {-1, -1, 3}, false},
                                                   {{INT64_MAX, 3}, {INT64_MAX, 3}, false}}) {
    EXPECT_EQ(is_reshape(row.one, row.other), row.is_one) << row.one.to_string() << row.other.to_string();
    EXPECT_EQ(is_reshape(row.other, row.one), row.is_one) << row.one.to_string() << row.other.to_string();
  }
}

TEST(Reshape, takes_the_sizes_of_free_dimensions_over_in_order) {
  EXPECT_EQ(reshaped({7, 16}, {-1, 16}, {-1, 4, 4}), (Shape{7, 4, 4}));
  EXPECT_EQ(reshaped({7, 4, 4}, {-1, 4, 4}, {-1, 16}), (Shape{7, 16}));
  EXPECT_EQ(reshaped({2, 4, 5, 6}, {2, 4, -1, 6}, {8, -1, 1, 6}), (Shape{8, 5, 1, 6}));
  EXPECT_EQ(reshaped({1}, {1}, {}), Shape{});
  EXPECT_EQ(reshaped({3, 1}, {-1, 1}, {-1}), Shape{3});
  EXPECT_EQ(reshaped({0, 16}, {-1, 16}, {-1, 4, 4}), (Shape{0, 4, 4}));
}

TEST(Reshape, a_shape_of_another_kind_has_none) {
  EXPECT_EQ(reshaped({7, 15}, {-1, 16}, {-1, 4, 4}), std::nullopt);
  EXPECT_EQ(reshaped({7, 4, 4}, {-1, 16}, {-1, 4, 4}), std::nullopt);
}

}  // namespace
}  // namespace slipway::tensor
