// Query: a search as a store answers it, a page at a time; Position: the place in its order where a page ended.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/search/filter.h"

namespace slipway::search {

// The last row of a page, by what it is ordered by: a page goes on behind it also when rows came or went meanwhile.
struct Position {
  std::vector<Value> keys;  // one for each key of the order
  std::string name;         // then by these; of models the number is 0
  std::uint64_t number = 0;
  bool operator==(const Position&) const = default;
};

struct Query {
  Filter filter;
  Order order;  // then by name, then by number, both ascending
  std::optional<Position> after;
  std::size_t limit = 100;
  std::uint64_t fingerprint = 0;  // of filter and order, so that a token of another search is refused
};

// What is asked, in words.
struct Asked {
  std::string filter;
  std::vector<std::string> order_by;
  std::string page_token;  // empty: the first page
  std::size_t limit = 100;
};
// InvalidInput: filter, order or token; tells the place, the expected and the found. `of`: what is listed, as "models".
Result<Query> parse_query(std::string_view of, const Asked& asked, const Rules& filter, const Rules& order);

// How the next page is asked for. Text that needs no escaping in a URL. InvalidInput: the row is ordered by a text that
// is too long for a token.
Result<std::string> token_of(const Position& position, const Query& query);

// For stores that go through rows.
Position position_of(const Order& order, const Row& row, std::string_view name, std::uint64_t number);
// < 0: `a` comes first.
int compare(const Order& order, const Position& a, const Position& b);

}  // namespace slipway::search
