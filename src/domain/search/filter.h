// Filter and Order: the small language in which lists are searched, and what it says about one row.
//
//   filter   = comparison { AND comparison }
//   compare  = field operator value | field [NOT] IN ( text, ... ) | field IS [NOT] NULL
//   field    = [ attribute. | metrics. | params. | tags. | model_tags. ] key    key: a word, or quoted by ` or "
//   operator = "=" "!=" "<" "<=" ">" ">=" LIKE ILIKE    in texts % is any run of characters, _ any one
//   value    = a number, or a text in ' or "
//   order    = field [ ASC | DESC ]
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace slipway::search {

enum class Part : std::uint8_t { Attribute, Metric, Parameter, Tag, ModelTag };
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
// Texts: any number of them, as a version's aliases. Something is true of them if it is true of one; = has its contrary
// in !=, and IN in NOT IN: of none, where there are some.
enum class Type : std::uint8_t { Text, Number, Texts };

struct Field {
  Part part = Part::Attribute;
  std::string key;
  std::optional<std::string> otherwise = {};  // what a row counts as having that has it not; of single texts
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
  bool model_tags = false;
  // What rows count as having where a tag is not there.
  std::span<const std::pair<std::string_view, std::string_view>> tags_otherwise = {};
};

struct Comparison {
  Field field;
  Type type = Type::Text;
  Operator op = Operator::Equal;
  std::variant<double, std::vector<std::string>> value;  // texts: one, or those of IN
  bool operator==(const Comparison&) const = default;
};

// A row as a filter sees it; none: it has no such field. Metrics and attributes of Type::Number have numbers, those of
// Type::Texts lists, all else texts. Borrowed for a call.
class Row {
 public:
  virtual ~Row() = default;
  virtual std::optional<double> number(const Field& field) const = 0;
  virtual std::optional<std::string_view> text(const Field& field) const = 0;
  virtual std::vector<std::string> texts(const Field&) const { return {}; }
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
  // Also asks this of every row. Requires: a value of the comparison's type.
  void add(Comparison comparison) { comparisons_.push_back(std::move(comparison)); }
  bool matches(const Row& row) const;
  std::span<const Comparison> comparisons() const { return comparisons_; }

 private:
  std::vector<Comparison> comparisons_;
};

// A value. Rows without the field come last.
class Order {
 public:
  struct Key {
    Field field;
    Type type = Type::Text;
    bool descending = false;
  };
  static Result<Order> parse(std::span<const std::string> items, const Rules& rules);
  // < 0: `a` comes first; 0: no difference.
  int compare(const Row& a, const Row& b) const;
  std::span<const Key> keys() const { return keys_; }

 private:
  std::vector<Key> keys_;
};

// What the row has of the field, for its place in an order; monostate: nothing, or what is no number.
using Value = std::variant<std::monostate, double, std::string>;
Value value_of(const Row& row, const Order::Key& key);

// Whether `text` is like `pattern`, with its % and _.
bool is_like(std::string_view text, std::string_view pattern, bool any_case);

}  // namespace slipway::search
