// Filter and Order: the small language in which lists are searched, and what it says about one row.
//
//   filter   = comparison { AND comparison }
//   compare  = field operator value | field [NOT] IN ( text, ... ) | field IS [NOT] NULL
//   field    = [ attribute. | metrics. | params. | tags. ] key     key: a word, or quoted by ` or "
//   operator = "=" "!=" "<" "<=" ">" ">=" LIKE ILIKE               in texts % is any run of bytes, _ any one
//   value    = a number, or a text in ' or "
//   order    = field [ ASC | DESC ]
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace slipway::search {

enum class Part : std::uint8_t { Attribute, Metric, Parameter, Tag };
enum class Operator : std::uint8_t {
  Equal,
  NotEqual,
  Less,
  AtMost,
  Greater,
  AtLeast,
  Like,
  LikeAnyCase,
  In,
  NotIn,
  Null,
  NotNull
};
enum class Type : std::uint8_t { Text, Number };

struct Field {
  Part part = Part::Attribute;
  std::string key;
  bool operator==(const Field&) const = default;
};

// What may be asked of the rows of one list.
struct Attribute {
  std::string_view name;   // as people write it
  std::string_view means;  // the key that rows know; several names may mean one
  Type type = Type::Text;
};
struct Rules {
  std::span<const Attribute> attributes;
  bool metrics = false;
  bool parameters = false;
  bool tags = true;
};

struct Comparison {
  Field field;
  Operator op = Operator::Equal;
  std::variant<double, std::vector<std::string>> value;  // texts: one, or those of IN
  bool operator==(const Comparison&) const = default;
};

// A row as a filter sees it; none: it has no such field. Metrics and attributes of Type::Number have numbers, all else
// texts. Borrowed for a call.
class Row {
 public:
  virtual ~Row() = default;
  virtual std::optional<double> number(const Field& field) const = 0;
  virtual std::optional<std::string_view> text(const Field& field) const = 0;
};

struct Limits {
  std::size_t bytes = 32 << 10;
  std::size_t comparisons = 100;
};

// A value. A comparison with what a row has not is false, whatever the operator, but for IS NULL.
class Filter {
 public:
  // Empty text matches every row. InvalidInput tells the place, the expected and the found.
  static Result<Filter> parse(std::string_view text, const Rules& rules, const Limits& limits = {});
  bool matches(const Row& row) const;
  std::span<const Comparison> comparisons() const { return comparisons_; }

 private:
  std::vector<Comparison> comparisons_;
};

// A value. Rows without the field come last.
class Order {
 public:
  static Result<Order> parse(std::span<const std::string> items, const Rules& rules);
  // < 0: `a` comes first; 0: no difference.
  int compare(const Row& a, const Row& b) const;

 private:
  struct Key {
    Field field;
    Type type;
    bool descending;
  };
  std::vector<Key> keys_;
};

// Whether `text` is like `pattern`, with its % and _.
bool is_like(std::string_view text, std::string_view pattern, bool any_case);

}  // namespace slipway::search
