// Result<T>: a value or an Error. The way every operation that can fail in a correct program answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace slipway {

// The twelve ways to fail. adapter/net maps them to HTTP; no switch over them has a default.
enum class ErrorCode : unsigned char {
  InvalidInput,
  NotFound,
  Conflict,
  Denied,
  NotReady,
  Overloaded,
  DeadlineExceeded,
  Cancelled,
  Unimplemented,
  Unavailable,
  Corrupt,
  Internal,
};
inline constexpr int kErrorCodeCount = 12;

// "InvalidInput", ... as printed in answers and logs.
std::string_view name_of(ErrorCode code);
std::optional<ErrorCode> parse_error_code(std::string_view name);

// A failure a person can act on: `message` tells what was expected, what was found and where.
struct [[nodiscard]] Error {
  ErrorCode code;
  std::string message;

  // The same failure seen from one room further out: "`where`: message".
  Error within(std::string_view where) &&;
  bool operator==(const Error&) const = default;
};

Error invalid_input(std::string message);
Error not_found(std::string message);
Error conflict(std::string message);
Error denied(std::string message);
Error not_ready(std::string message);
Error overloaded(std::string message);
Error unavailable(std::string message);
Error corrupt(std::string message);
Error internal_error(std::string message);
Error unimplemented(std::string message);
Error deadline_exceeded(std::string message);

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: `return value;` is the point
  Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  bool ok() const { return held_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Requires: ok().
  T& value() & { return std::get<0>(held_); }
  const T& value() const& { return std::get<0>(held_); }
  T&& value() && { return std::get<0>(std::move(held_)); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }

  // Requires: !ok().
  const Error& error() const& { return std::get<1>(held_); }
  Error&& error() && { return std::get<1>(std::move(held_)); }

 private:
  std::variant<T, Error> held_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT

  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  void value() const {}
  const Error& error() const& { return *error_; }
  Error&& error() && { return *std::move(error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace slipway

// Yields the value of a Result, or returns its Error from the enclosing function:  auto x = TRY(parse(text));
#define SLIPWAY_JOIN_(a, b) a##b
#define SLIPWAY_JOIN(a, b) SLIPWAY_JOIN_(a, b)
#define SLIPWAY_TRY_AS(held, expression)            \
  __extension__({                                   \
    auto held = (expression);                       \
    if (!held.ok()) return std::move(held).error(); \
    std::move(held).value();                        \
  })
#define TRY(expression) SLIPWAY_TRY_AS(SLIPWAY_JOIN(try_result_, __COUNTER__), expression)
