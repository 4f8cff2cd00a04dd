#include "base/result.h"

#include <array>

namespace slipway {
namespace {
constexpr std::array<std::string_view, kErrorCodeCount> kNames = {
    "InvalidInput",     "NotFound",  "Conflict",      "Denied",      "NotReady", "Overloaded",
    "DeadlineExceeded", "Cancelled", "Unimplemented", "Unavailable", "Corrupt",  "Internal"};
}  // namespace

std::string_view name_of(ErrorCode code) {
  return kNames[static_cast<std::size_t>(code)];
}

std::optional<ErrorCode> parse_error_code(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<ErrorCode>(i);
  }
  return std::nullopt;
}

Error Error::within(std::string_view where) && {
  message.insert(0, std::string(where) + ": ");
  return std::move(*this);
}

Error invalid_input(std::string message) {
  return {ErrorCode::InvalidInput, std::move(message)};
}
Error not_found(std::string message) {
  return {ErrorCode::NotFound, std::move(message)};
}
Error conflict(std::string message) {
  return {ErrorCode::Conflict, std::move(message)};
}
Error denied(std::string message) {
  return {ErrorCode::Denied, std::move(message)};
}
Error not_ready(std::string message) {
  return {ErrorCode::NotReady, std::move(message)};
}
Error overloaded(std::string message) {
  return {ErrorCode::Overloaded, std::move(message)};
}
Error unavailable(std::string message) {
  return {ErrorCode::Unavailable, std::move(message)};
}
Error corrupt(std::string message) {
  return {ErrorCode::Corrupt, std::move(message)};
}
Error internal_error(std::string message) {
  return {ErrorCode::Internal, std::move(message)};
}
Error unimplemented(std::string message) {
  return {ErrorCode::Unimplemented, std::move(message)};
}
Error deadline_exceeded(std::string message) {
  return {ErrorCode::DeadlineExceeded, std::move(message)};
}

}  // namespace slipway
