#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace slipway {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return invalid_input("expected an even number, found " + std::to_string(number));
  return number / 2;
}
Result<int> quarter(int number) {
  const int once = TRY(half(number));
  return TRY(half(once));
}
Result<void> check_quarter(int number) {
  TRY(quarter(number));
  return {};
}

TEST(Result, holds_a_value_or_an_error) {
  EXPECT_EQ(half(4).value(), 2);
  EXPECT_TRUE(half(4).ok());
  EXPECT_FALSE(half(3));
  EXPECT_EQ(half(3).error(), (Error{ErrorCode::InvalidInput, "expected an even number, found 3"}));
}

TEST(Result, try_passes_the_first_error_up_unchanged) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().message, "expected an even number, found 3");
  EXPECT_EQ(check_quarter(7).error().message, "expected an even number, found 7");
  EXPECT_TRUE(check_quarter(4).ok());
}

TEST(Result, carries_values_that_only_move) {
  Result<std::unique_ptr<int>> held(std::make_unique<int>(7));
  const auto taken = [&]() -> Result<std::unique_ptr<int>> { return TRY(std::move(held)); }();
  EXPECT_EQ(**taken, 7);
}

TEST(Error, within_tells_where_from_the_outside_in) {
  EXPECT_EQ(corrupt("bad magic").within("model.onnx").within("package").message, "package: model.onnx: bad magic");
}

TEST(ErrorCode, every_code_has_a_name_that_leads_back_to_it) {
  for (int i = 0; i < kErrorCodeCount; ++i) {
    const auto code = static_cast<ErrorCode>(i);
    EXPECT_FALSE(name_of(code).empty());
    EXPECT_EQ(parse_error_code(name_of(code)), code);
  }
  EXPECT_EQ(parse_error_code("NotAnError"), std::nullopt);
}

TEST(ErrorCode, each_maker_makes_its_own_code) {
  EXPECT_EQ(invalid_input("").code, ErrorCode::InvalidInput);
  EXPECT_EQ(not_found("").code, ErrorCode::NotFound);
  EXPECT_EQ(conflict("").code, ErrorCode::Conflict);
  EXPECT_EQ(denied("").code, ErrorCode::Denied);
  EXPECT_EQ(not_ready("").code, ErrorCode::NotReady);
  EXPECT_EQ(overloaded("").code, ErrorCode::Overloaded);
  EXPECT_EQ(deadline_exceeded("").code, ErrorCode::DeadlineExceeded);
  EXPECT_EQ(unimplemented("").code, ErrorCode::Unimplemented);
  EXPECT_EQ(unavailable("").code, ErrorCode::Unavailable);
  EXPECT_EQ(corrupt("").code, ErrorCode::Corrupt);
  EXPECT_EQ(internal_error("").code, ErrorCode::Internal);
}

}  // namespace
}  // namespace slipway
