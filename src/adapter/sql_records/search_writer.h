// Writer: one statement of a search while it is written, with the conditions that a filter and a position mean.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/sql_records/search_fields.h"
#include "adapter/sql_records/search_sql.h"

namespace slipway::sql_records {

// Whether the walked rows may come by an index of their columns. A name's are found by it whatever this says.
enum class Indices : std::uint8_t { Used, Unused };

// Not equal, or in none of a list.
bool is_of_none(search::Operator op);

// Lives on the stack of one call. From front to back, so that values come in the order of their ?.
class Writer {
 public:
  Writer(const Subject& subject, Dialect dialect, Indices indices = Indices::Used)
      : subject_(subject), dialect_(dialect), indices_(indices) {}

  Writer& put(std::string_view text);
  Writer& bind(Bound value);
  void bind_value(const search::Value& value);
  Sql take() { return std::move(sql_); }

  // " AND ..." for every comparison but number `without`.
  void put_filter(const search::Filter& filter, std::optional<std::size_t> without);
  void put_comparison(const search::Comparison& comparison);
  // Of a side's row x: that it has the key and that the comparison holds of it.
  void put_on_side(const search::Comparison& comparison, const Side& side);
  // What a row has of it; NULL: nothing.
  void put_key_value(const search::Order::Key& key);
  bool is_always_there(const search::Order::Key& key) const;
  // That a row comes behind the position, by `keys` (the last ones of the position), then by name and number. `first`:
  // what stands for the first of them.
  void put_behind(std::span<const search::Order::Key> keys, const search::Position& position,
                  std::string_view first = {});

 private:
  std::string plain(std::string_view column) const;
  void put_of_column(const search::Comparison& comparison, std::string_view column);
  void put_of_row(const search::Comparison& comparison, const Side& side);
  void put_rows(const Side& side);
  void put_any(const search::Comparison& comparison, const Side& side, std::string_view how);
  void put_key(const search::Field& field);
  void put_scalar(const search::Field& field, const Side& side);
  void put_of_scalar(const search::Comparison& comparison, const Side& side);
  void put_value(const search::Comparison& comparison, std::string_view expression,
                 const std::vector<Bound>& values = {});
  void put_start(const search::Comparison& comparison, const Side& side);
  void put_like(const std::function<void()>& put_expression, const std::string& pattern, bool any_case);
  void put_behind_name(const search::Position& position);

  const Subject& subject_;
  Dialect dialect_;
  Indices indices_;
  Sql sql_;
};

}  // namespace slipway::sql_records
