#include "adapter/store_postgres/failure.h"

#include <pqxx/except>

namespace slipway::store_postgres {
namespace {

// The server ends, is not up yet, or became one that only reads.
bool ends_session(std::string_view state) {
  return state.empty() || state.starts_with("08") || state.starts_with("57P") || state == "25006" || state == "25P03";
}

}  // namespace

ErrorCode code_of_state(std::string_view state) {
  if (ends_session(state)) return ErrorCode::Unavailable;
  if (state.starts_with("23") || state == "P0001") return ErrorCode::Conflict;  // P0001: what our triggers raise
  if (state.starts_with("22")) return ErrorCode::InvalidInput;
  if (state == "53300") return ErrorCode::Unavailable;  // too many connections
  if (state.starts_with("53")) return ErrorCode::Overloaded;
  if (state == "57014" || state == "55P03" || state.starts_with("40")) return ErrorCode::Unavailable;
  if (state == "42501" || state.starts_with("28")) return ErrorCode::Denied;
  if (state.starts_with("XX") || state == "42P01" || state == "42703") return ErrorCode::Corrupt;
  return ErrorCode::Internal;
}

Failure failure_of(const std::exception& thrown, std::string_view doing) {
  const std::string text = std::string(doing) + ": " + thrown.what();
  if (const auto* sql = dynamic_cast<const pqxx::sql_error*>(&thrown)) {
    const std::string& state = sql->sqlstate();
    const ErrorCode code = code_of_state(state);
    return {code, (code == ErrorCode::Overloaded ? "no space left: " : "") + text + " (SQLSTATE " + state + ")",
            ends_session(state)};
  }
  if (dynamic_cast<const pqxx::in_doubt_error*>(&thrown) || dynamic_cast<const pqxx::broken_connection*>(&thrown)) {
    return {ErrorCode::Unavailable, text, true};
  }
  if (dynamic_cast<const pqxx::transaction_rollback*>(&thrown)) return {ErrorCode::Unavailable, text, false};
  if (dynamic_cast<const pqxx::failure*>(&thrown)) return {ErrorCode::Unavailable, text, true};
  return {ErrorCode::Internal, text, true};
}

}  // namespace slipway::store_postgres
