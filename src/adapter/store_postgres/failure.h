// What libpqxx throws, as our codes.
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "base/result.h"

namespace slipway::store_postgres {

struct Failure {
  ErrorCode code = ErrorCode::Internal;
  std::string message;
  bool ends_session = false;  // nothing more can be done with this connection
};

Failure failure_of(const std::exception& thrown, std::string_view doing);
// By SQLSTATE (PostgreSQL, appendix A); "" is a lost connection.
ErrorCode code_of_state(std::string_view state);

}  // namespace slipway::store_postgres
