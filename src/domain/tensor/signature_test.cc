#include "domain/tensor/signature.h"

#include <gtest/gtest.h>

#include <array>

namespace slipway::tensor {
namespace {

TensorSpec spec(std::string name, Shape shape, DataType datatype = DataType::FP32, bool optional = false) {
  return {.name = std::move(name),
          .datatype = datatype,
          .shape = shape,
          .optional = optional,
          .features = {},
          .labels = {},
          .ranges = {}};
}
const std::array<std::byte, 4096> kZeros{};
TensorView view(std::string_view name, Shape shape, std::size_t bytes, DataType datatype = DataType::FP32) {
  return {name, datatype, shape, ByteSpan(kZeros).first(bytes)};
}

// Takes "x" [-1,2] and, if given, "w" [-1,1] with as many rows.
class RequestCheck : public ::testing::Test {
 protected:
  std::string refusal(std::vector<TensorView> inputs, std::uint64_t max_batch = 8) {
    const auto checked = check_request(signature, inputs, max_batch);
    return checked.ok() ? "ok" : checked.error().message;
  }
  Signature signature{{spec("x", {-1, 2}), spec("w", {-1, 1}, DataType::FP32, true)}, {spec("y", {-1, 1})}};
};

TEST_F(RequestCheck, accepts_what_fits_in_any_order) {
  EXPECT_EQ(refusal({view("x", {3, 2}, 24)}), "ok");
  EXPECT_EQ(refusal({view("w", {3, 1}, 12), view("x", {3, 2}, 24)}), "ok");
}

struct Row {
  std::vector<TensorView> inputs;
  const char* message;
};

TEST_F(RequestCheck, names_the_tensor_and_what_is_wrong_with_it) {
  const Row rows[] = {
      {{}, "input \"x\" is missing"},
      {{view("w", {1, 1}, 4)}, "input \"x\" is missing"},
      {{view("z", {1, 2}, 8)}, "unknown input \"z\": the model takes \"x\", \"w\""},
      {{view("x", {1, 2}, 8), view("x", {1, 2}, 8)}, "input \"x\" is given twice"},
      {{view("x", {1, 2}, 16, DataType::FP64)}, "input \"x\": expected datatype FP32, found FP64"},
      {{view("x", {2}, 8)}, "input \"x\": expected shape [-1,2] of 2 dimensions, found [2]"},
      {{view("x", {1, 3}, 12)}, "input \"x\": expected shape [-1,2], found [1,3]: dimension 1 must be 2"},
      {{view("x", {-1, 2}, 8)}, "input \"x\": expected shape [-1,2], found [-1,2]: dimension 0 must be 0 or more"},
      {{view("x", {0, 2}, 0)}, "input \"x\": expected at least one row, found shape [0,2]"},
      {{view("x", {9, 2}, 72)}, "input \"x\": expected at most 8 rows in one request, found 9"},
      {{view("x", {2, 2}, 8)}, "tensor \"x\": expected 16 bytes of data for shape [2,2] of FP32, found 8"},
      {{view("x", {2, 2}, 16), view("w", {3, 1}, 12)}, "input \"w\": expected 2 rows as in input \"x\", found 3"},
  };
  for (const Row& row : rows) EXPECT_EQ(refusal(row.inputs), row.message);
}

TEST_F(RequestCheck, has_no_limit_of_rows_when_told_so) {
  EXPECT_EQ(refusal({view("x", {500, 2}, 4000)}, 0), "ok");
}

TEST_F(RequestCheck, shows_a_hostile_name_without_repeating_its_bytes) {
  EXPECT_EQ(refusal({view("a\n\xFF", {1, 2}, 8)}), "unknown input \"a\\x0a\\xff\": the model takes \"x\", \"w\"");
}

TEST(BatchDimension, is_there_when_every_tensor_starts_with_a_free_one) {
  EXPECT_TRUE(has_batch_dimension({{spec("x", {-1, 2})}, {spec("y", {-1})}}));
  EXPECT_FALSE(has_batch_dimension({{spec("x", {-1, 2})}, {spec("y", {1})}}));
  EXPECT_FALSE(has_batch_dimension({{spec("x", {4, -1})}, {spec("y", {-1})}}));
  EXPECT_FALSE(has_batch_dimension({{spec("x", {})}, {spec("y", {-1})}}));
  EXPECT_FALSE(has_batch_dimension({{}, {spec("y", {-1})}}));
}

class DeclarationCheck : public ::testing::Test {
 protected:
  std::string refusal(const Signature& declared) {
    const auto checked = check_declaration(declared, actual);
    return checked.ok() ? "ok" : checked.error().message;
  }
  const Signature actual{{spec("x", {-1, 2}), spec("w", {1}, DataType::Int64, true)},
                         {spec("y", {-1, 1}), spec("z", {-1})}};
};

TEST_F(DeclarationCheck, a_manifest_may_be_narrower_than_the_model) {
  EXPECT_EQ(refusal(actual), "ok");
  EXPECT_EQ(refusal({{spec("x", {-1, 2})}, {spec("y", {-1, 1})}}), "ok");
  EXPECT_EQ(refusal({{spec("x", {16, 2})}, {spec("y", {16, 1})}}), "ok");
}

TEST_F(DeclarationCheck, an_output_may_be_declared_freer_than_the_model) {
  EXPECT_EQ(refusal({{spec("x", {-1, 2})}, {spec("y", {-1, -1})}}), "ok");
  EXPECT_EQ(refusal({{spec("x", {-1, 2})}, {spec("y", {-1, 2})}}),
            "output \"y\": the manifest says shape [-1,2], the model [-1,1]");
}

TEST_F(DeclarationCheck, a_reshape_is_held_against_the_models_own_shape) {
  const auto reshaped = [](std::string name, Shape shape, Shape model_shape) {
    TensorSpec made = spec(std::move(name), shape);
    made.model_shape = model_shape;
    return made;
  };
  EXPECT_TRUE(check_declaration({{reshaped("x", {-1, 2, 1}, {-1, 2})}, {}}, actual));
  const auto wrong = check_declaration({{reshaped("x", {-1, 2}, {-1, 2, 1})}, {}}, actual);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "input \"x\": the manifest says model_shape [-1,2,1], the model [-1,2]");
  const Signature settled{{spec("x", {-1, 2})}, {reshaped("y", {-1, 1, -1}, {-1, -1})}};
  EXPECT_EQ(settle_declaration(settled, actual).value(), settled);
}

TEST(BatchDimension, must_be_the_first_in_the_model_too) {
  TensorSpec x = spec("x", {-1, 4});
  x.model_shape = Shape{-1, 2, 2};
  EXPECT_TRUE(has_batch_dimension({{x}, {spec("y", {-1, 1})}}));
  x.model_shape = Shape{1, -1, 4};
  EXPECT_FALSE(has_batch_dimension({{x}, {spec("y", {-1, 1})}}));
}

TEST_F(DeclarationCheck, what_the_engine_knows_of_a_free_output_settles_it) {
  const auto settled = settle_declaration({{spec("x", {-1, 2})}, {spec("y", {-1, -1}), spec("z", {16})}}, actual);
  ASSERT_TRUE(settled.ok()) << settled.error().message;
  EXPECT_EQ(settled->outputs, (std::vector{spec("y", {-1, 1}), spec("z", {16})}));
}

TEST_F(DeclarationCheck, names_package_and_engine_where_they_differ) {
  const auto settled = settle_declaration({{spec("x", {-1, 3})}, {}}, actual);
  ASSERT_FALSE(settled.ok());
  EXPECT_EQ(settled.error().message, "input \"x\": the package says shape [-1,3], the engine [-1,2]");
}

TEST_F(DeclarationCheck, tells_where_manifest_and_model_differ) {
  EXPECT_EQ(refusal({{spec("q", {-1, 2})}, {}}), "the manifest declares input \"q\", the model has \"x\", \"w\"");
  EXPECT_EQ(refusal({{spec("x", {-1, 2}, DataType::FP64)}, {}}), "input \"x\": the manifest says FP64, the model FP32");
  EXPECT_EQ(refusal({{spec("x", {-1, 3})}, {}}), "input \"x\": the manifest says shape [-1,3], the model [-1,2]");
  EXPECT_EQ(refusal({{spec("x", {-1, -1})}, {}}), "input \"x\": the manifest says shape [-1,-1], the model [-1,2]");
  EXPECT_EQ(refusal({{spec("x", {2})}, {}}), "input \"x\": the manifest says shape [2], the model [-1,2]");
  EXPECT_EQ(refusal({{}, {spec("y", {-1, 1})}}), "the model needs input \"x\", the manifest does not declare it");
  EXPECT_EQ(refusal({{spec("x", {-1, 2})}, {spec("p", {-1})}}),
            "the manifest declares output \"p\", the model has \"y\", \"z\"");
}

}  // namespace
}  // namespace slipway::tensor
