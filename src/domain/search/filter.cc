#include "domain/search/filter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/text.h"
#include "domain/search/words.h"

namespace slipway::search {
namespace {

constexpr std::size_t kMostTexts = 1000;  // of IN

constexpr std::array<std::pair<std::string_view, Operator>, 8> kSigns = {{{"=", Operator::Equal},
                                                                          {"==", Operator::Equal},
                                                                          {"!=", Operator::NotEqual},
                                                                          {"<>", Operator::NotEqual},
                                                                          {"<", Operator::Less},
                                                                          {"<=", Operator::AtMost},
                                                                          {">", Operator::Greater},
                                                                          {">=", Operator::AtLeast}}};

// Moves behind the operator.
Result<Operator> read_operator(Words& words, Type type) {
  for (const auto& [sign, op] : kSigns) {
    if (!words.is_sign(sign)) continue;
    const bool is_order = op != Operator::Equal && op != Operator::NotEqual;
    if (type != Type::Number && is_order) break;
    TRY(words.next());
    return op;
  }
  std::optional<Operator> found;
  const bool is_text = type != Type::Number;
  if (words.is_keyword("LIKE") && is_text) found = Operator::Like;
  if (words.is_keyword("ILIKE") && is_text) found = Operator::LikeAnyCase;
  if (words.is_keyword("IN") && is_text) found = Operator::In;
  const bool is_negated = words.is_keyword("NOT") && is_text;
  const bool is_null = words.is_keyword("IS");
  if (!found && !is_negated && !is_null) {
    return words.expected(is_text ? "=, !=, LIKE, ILIKE, IN, NOT IN or IS NULL" : "=, !=, <, <=, >, >= or IS NULL");
  }
  TRY(words.next());
  if (found) return *found;
  if (is_negated) {
    if (!words.is_keyword("IN")) return words.expected("IN");
    TRY(words.next());
    return Operator::NotIn;
  }
  const bool is_not = words.is_keyword("NOT");
  if (is_not) TRY(words.next());
  if (!words.is_keyword("NULL")) return words.expected("NULL");
  TRY(words.next());
  return is_not ? Operator::NotNull : Operator::Null;
}

Result<double> read_number(Words& words) {
  const Word& word = words.now();
  double number = 0;
  const char* const begin = word.text.data() + (word.text.starts_with('+') ? 1 : 0);
  const char* const end = word.text.data() + word.text.size();
  const auto read = std::from_chars(begin, end, number);
  if (word.kind != WordKind::Number || read.ec != std::errc{} || read.ptr != end) return words.expected("a number");
  TRY(words.next());
  return number;
}

Result<std::string> read_text(Words& words) {
  const Word word = words.now();
  const bool is_text = word.kind == WordKind::Text || word.kind == WordKind::Quoted;
  if (!is_text) return words.expected("a text in quotes");
  TRY(words.next());
  return word.text;
}

Result<std::vector<std::string>> read_texts(Words& words) {
  if (!words.is_sign("(")) return words.expected("( and texts in quotes");
  std::vector<std::string> texts;
  do {
    TRY(words.next());
    texts.push_back(TRY(read_text(words)));
    if (texts.size() > kMostTexts) return words.expected("at most " + std::to_string(kMostTexts) + " texts");
  } while (words.is_sign(","));
  if (!words.is_sign(")")) return words.expected(", or )");
  TRY(words.next());
  return texts;
}

Result<Comparison> read_comparison(Words& words, const Rules& rules) {
  const KnownField known = TRY(read_field(words, rules));
  const Operator op = TRY(read_operator(words, known.type));
  Comparison comparison{.field = known.field, .type = known.type, .op = op, .value = {}};
  switch (comparison.op) {
    case Operator::Null:
    case Operator::NotNull:
      return comparison;
    case Operator::In:
    case Operator::NotIn:
      comparison.value = TRY(read_texts(words));
      return comparison;
    case Operator::Equal:
    case Operator::NotEqual:
    case Operator::Less:
    case Operator::AtMost:
    case Operator::Greater:
    case Operator::AtLeast:
    case Operator::Like:
    case Operator::LikeAnyCase:
      break;
  }
  if (known.type == Type::Number) {
    comparison.value = TRY(read_number(words));
  } else {
    comparison.value = std::vector<std::string>{TRY(read_text(words))};
  }
  return comparison;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool holds(Operator op, double found, double asked) {
  if (op == Operator::Equal) return found == asked;
  if (op == Operator::NotEqual) return found != asked;
  if (op == Operator::Less) return found < asked;
  if (op == Operator::AtMost) return found <= asked;
  if (op == Operator::Greater) return found > asked;
  return found >= asked;
}

bool holds(Operator op, std::string_view found, const std::vector<std::string>& asked) {
  const bool is_among = std::ranges::find(asked, found) != asked.end();
  if (op == Operator::Equal || op == Operator::In) return is_among;
  if (op == Operator::NotEqual || op == Operator::NotIn) return !is_among;
  return is_like(found, asked.front(), op == Operator::LikeAnyCase);
}

std::optional<double> without_nan(std::optional<double> number) {
  return number && std::isnan(*number) ? std::nullopt : number;
}

std::optional<std::string_view> text_of(const Row& row, const Field& field) {
  const auto found = row.text(field);
  return found || !field.otherwise ? found : std::optional<std::string_view>(*field.otherwise);
}

bool is_there(const Comparison& comparison, const Row& row) {
  if (comparison.type == Type::Number) return without_nan(row.number(comparison.field)).has_value();
  if (comparison.type == Type::Texts) return !row.texts(comparison.field).empty();
  return text_of(row, comparison.field).has_value();
}

bool holds_of_texts(const Comparison& comparison, const std::vector<std::string>& found) {
  const auto& asked = std::get<std::vector<std::string>>(comparison.value);
  const auto holds_of = [&](const std::string& text) { return holds(comparison.op, text, asked); };
  const bool is_of_none = comparison.op == Operator::NotEqual || comparison.op == Operator::NotIn;
  return is_of_none ? !found.empty() && std::ranges::all_of(found, holds_of) : std::ranges::any_of(found, holds_of);
}

bool holds(const Comparison& comparison, const Row& row) {
  if (comparison.op == Operator::Null) return !is_there(comparison, row);
  if (comparison.op == Operator::NotNull) return is_there(comparison, row);
  if (const double* asked = std::get_if<double>(&comparison.value)) {
    const auto found = without_nan(row.number(comparison.field));
    return found && holds(comparison.op, *found, *asked);
  }
  if (comparison.type == Type::Texts) return holds_of_texts(comparison, row.texts(comparison.field));
  const auto found = text_of(row, comparison.field);
  return found && holds(comparison.op, *found, std::get<std::vector<std::string>>(comparison.value));
}

// Those that are none last, whichever way the others go.
template <class T>
int ordered(const std::optional<T>& a, const std::optional<T>& b, bool descending) {
  if (!a || !b) return (a ? 0 : 1) - (b ? 0 : 1);
  if (*a < *b) return descending ? 1 : -1;
  return *b < *a ? (descending ? -1 : 1) : 0;
}

// How many bytes the character takes that begins there; at least one, also where none does.
std::size_t character_at(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
  return end - at;
}

}  // namespace

// Greedy with one place to return to: the last %, so time is at most the product of both lengths.
bool is_like(std::string_view text, std::string_view pattern, bool any_case) {
  std::size_t at = 0, in_pattern = 0, mark = 0;
  std::size_t star = std::string_view::npos;
  const auto same = [&](char a, char b) { return any_case ? lower(a) == lower(b) : a == b; };
  while (at < text.size()) {
    const char asked = in_pattern < pattern.size() ? pattern[in_pattern] : '\0';
    if (asked == '%') {
      star = in_pattern++;
      mark = at;
    } else if (asked == '_') {
      at += character_at(text, at);
      ++in_pattern;
    } else if (in_pattern < pattern.size() && same(asked, text[at])) {
      ++at;
      ++in_pattern;
    } else if (star != std::string_view::npos) {
      in_pattern = star + 1;
      mark += character_at(text, mark);
      at = mark;
    } else {
      return false;
    }
  }
  while (in_pattern < pattern.size() && pattern[in_pattern] == '%') ++in_pattern;
  return in_pattern == pattern.size();
}

Result<Filter> Filter::parse(std::string_view text, const Rules& rules, const Limits& limits) {
  const bool has_nul = text.find('\0') != std::string_view::npos;
  if (text.size() > limits.bytes || has_nul || !is_valid_utf8(text)) {
    return invalid_input("the search text: expected at most " + std::to_string(limits.bytes) +
                         " bytes of UTF-8 without NUL, found " + std::to_string(text.size()) + " bytes");
  }
  Filter filter;
  Words words(text);
  TRY(words.next());
  if (words.now().kind == WordKind::End) return filter;
  while (true) {
    if (filter.comparisons_.size() == limits.comparisons) {
      return words.expected("at most " + std::to_string(limits.comparisons) + " comparisons");
    }
    filter.comparisons_.push_back(TRY(read_comparison(words, rules)));
    if (words.now().kind == WordKind::End) return filter;
    if (!words.is_keyword("AND")) return words.expected("AND or the end");
    TRY(words.next());
  }
}

bool Filter::matches(const Row& row) const {
  return std::ranges::all_of(comparisons_, [&](const Comparison& comparison) { return holds(comparison, row); });
}

Result<Order> Order::parse(std::span<const std::string> items, const Rules& rules) {
  constexpr std::size_t kMostKeys = 20;
  if (items.size() > kMostKeys) {
    return invalid_input("expected at most " + std::to_string(kMostKeys) + " fields to order by, found " +
                         std::to_string(items.size()));
  }
  Order order;
  for (const std::string& item : items) {
    const bool has_nul = item.find('\0') != std::string::npos;
    if (has_nul || !is_valid_utf8(item))
      return invalid_input("order by: expected UTF-8 without NUL, found \"" + printable(item) + "\"");
    Words words(item);
    TRY(words.next());
    const std::size_t at = words.now().at;
    const KnownField known = TRY(read_field(words, rules));
    if (known.type == Type::Texts) {
      return invalid_input("order by: expected a field of which each has one, found \"" + printable(known.field.key) +
                           "\" at " + std::to_string(at));
    }
    const bool descending = words.is_keyword("DESC");
    if (descending || words.is_keyword("ASC")) TRY(words.next());
    if (words.now().kind != WordKind::End) return words.expected("ASC, DESC or the end");
    order.keys_.push_back({known.field, known.type, descending});
  }
  return order;
}

Value value_of(const Row& row, const Order::Key& key) {
  if (key.type == Type::Number) {
    const auto number = without_nan(row.number(key.field));
    return number ? Value(*number) : Value();
  }
  const auto text = text_of(row, key.field);
  return text ? Value(std::string(*text)) : Value();
}

int Order::compare(const Row& a, const Row& b) const {
  for (const Key& key : keys_) {
    const int found = key.type == Type::Number
                          ? ordered(without_nan(a.number(key.field)), without_nan(b.number(key.field)), key.descending)
                          : ordered(text_of(a, key.field), text_of(b, key.field), key.descending);
    if (found != 0) return found;
  }
  return 0;
}

}  // namespace slipway::search
