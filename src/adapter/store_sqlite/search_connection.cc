#include "adapter/store_sqlite/search_connection.h"

#include <sqlite3.h>

#include "domain/search/filter.h"

namespace slipway::store_sqlite {
namespace {

constexpr int kOneStep = 1'000'000;

std::string_view text_in(sqlite3_value* value) {
  const auto* first = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return {first ? first : "", static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

// is_like(text, pattern, any_case); of NULL nothing is like anything.
extern "C" void is_like_function(sqlite3_context* call, int, sqlite3_value** values) {
  if (sqlite3_value_type(values[0]) == SQLITE_NULL) return;
  const bool any_case = sqlite3_value_int(values[2]) != 0;
  sqlite3_result_int(call, search::is_like(text_in(values[0]), text_in(values[1]), any_case) ? 1 : 0);
}

extern "C" int is_spent(void* steps_left) {
  return --*static_cast<int*>(steps_left) < 0 ? 1 : 0;
}

}  // namespace

Result<void> prepare_for_search(Connection& connection) {
  const int status = sqlite3_create_function_v2(connection.handle(), "is_like", 3,
                                                SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, nullptr,
                                                is_like_function, nullptr, nullptr, nullptr);
  if (status != SQLITE_OK) return connection.error("cannot add a function to the database");
  return {};
}

StepLimit::StepLimit(Connection& connection, int most) : connection_(connection), left_(most) {
  sqlite3_progress_handler(connection.handle(), kOneStep, is_spent, &left_);
}

StepLimit::~StepLimit() {
  sqlite3_progress_handler(connection_.handle(), 0, nullptr, nullptr);
}

Error StepLimit::instead_of(Error error) const {
  if (left_ >= 0) return error;
  return overloaded("the search would look at too much: expected it to be narrowed by a name, alias, tag or metric");
}

}  // namespace slipway::store_sqlite
