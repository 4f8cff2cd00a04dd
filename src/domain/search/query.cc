#include "domain/search/query.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace slipway::search {
namespace {

constexpr std::size_t kLongestText = 1024;        // that a token carries
constexpr std::size_t kLongestToken = 64 * 1024;  // of all keys
constexpr char kHex[] = "0123456789abcdef";

// FNV-1a, 64 bits.
void mix(std::uint64_t& hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  hash = (hash ^ 0xFFU) * 0x100000001b3U;  // no byte of UTF-8: the end of one text
}

std::string hex_of(std::uint64_t number) {
  std::string text(16, '0');
  for (std::size_t i = 0; i < 16; ++i) text[15 - i] = kHex[(number >> (4 * i)) & 0xFU];
  return text;
}

std::string hex_of(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    text += kHex[static_cast<unsigned char>(c) >> 4U];
    text += kHex[static_cast<unsigned char>(c) & 0xFU];
  }
  return text;
}

std::optional<std::uint64_t> number_in(std::string_view text, int base) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number, base);
  const bool is_whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  return is_whole ? std::optional(number) : std::nullopt;
}

std::optional<std::string> bytes_in(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const auto byte = number_in(hex.substr(i, 2), 16);
    if (!byte) return std::nullopt;
    bytes += static_cast<char>(*byte);
  }
  const bool is_text = is_valid_utf8(bytes) && bytes.find('\0') == std::string::npos;
  return is_text ? std::optional(std::move(bytes)) : std::nullopt;
}

std::string text_of(const Value& value) {
  if (const double* number = std::get_if<double>(&value)) return "d" + hex_of(std::bit_cast<std::uint64_t>(*number));
  if (const std::string* text = std::get_if<std::string>(&value)) return "t" + hex_of(std::string_view(*text));
  return "n";
}

std::optional<Value> value_in(std::string_view text, Type type) {
  if (text == "n") return Value();
  const bool is_number = type == Type::Number;
  if (text.empty() || text.front() != (is_number ? 'd' : 't')) return std::nullopt;
  text.remove_prefix(1);
  if (!is_number) {
    auto bytes = bytes_in(text);
    return bytes ? std::optional<Value>(*std::move(bytes)) : std::nullopt;
  }
  const auto bits = number_in(text, 16);
  if (!bits || text.size() != 16 || std::isnan(std::bit_cast<double>(*bits))) return std::nullopt;
  return Value(std::bit_cast<double>(*bits));
}

// fingerprint . key . key ... . name . number
std::optional<Position> position_in(std::string_view token, const Query& query) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= token.size();) {
    const std::size_t end = std::min(token.find('.', begin), token.size());
    parts.push_back(token.substr(begin, end - begin));
    begin = end + 1;
  }
  const auto keys = query.order.keys();
  if (parts.size() != keys.size() + 3 || parts.front() != hex_of(query.fingerprint)) return std::nullopt;
  Position position;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    auto value = value_in(parts[i + 1], keys[i].type);
    if (!value) return std::nullopt;
    position.keys.push_back(*std::move(value));
  }
  const auto name = bytes_in(parts[keys.size() + 1]);
  const auto number = number_in(parts[keys.size() + 2], 10);
  if (!name || !number || *number > INT64_MAX) return std::nullopt;
  position.name = *name;
  position.number = *number;
  return position;
}

// Those that are none last, whichever way the others go.
int compare(const Value& a, const Value& b, bool descending) {
  const bool has_a = a.index() != 0;
  const bool has_b = b.index() != 0;
  if (!has_a || !has_b) return (has_a ? 0 : 1) - (has_b ? 0 : 1);
  if (a < b) return descending ? 1 : -1;
  return b < a ? (descending ? -1 : 1) : 0;
}

}  // namespace

Result<Query> parse_query(std::string_view of, const Asked& asked, const Rules& filter, const Rules& order) {
  auto parsed = TRY(Filter::parse(asked.filter, filter));
  auto ordered = TRY(Order::parse(asked.order_by, order));
  Query query{.filter = std::move(parsed), .order = std::move(ordered), .after = {}, .limit = asked.limit};
  query.fingerprint = 0xcbf29ce484222325U;
  mix(query.fingerprint, of);
  mix(query.fingerprint, asked.filter);
  for (const std::string& item : asked.order_by) mix(query.fingerprint, item);
  if (asked.page_token.empty()) return query;
  if (asked.page_token.size() <= kLongestToken) query.after = position_in(asked.page_token, query);
  if (query.after) return query;
  return invalid_input("page_token: expected one that this server gave for the same search, found \"" +
                       printable(asked.page_token, 40) + "\"");
}

Result<std::string> token_of(const Position& position, const Query& query) {
  std::string token = hex_of(query.fingerprint);
  for (const Value& value : position.keys) {
    const std::string* text = std::get_if<std::string>(&value);
    if (text && text->size() > kLongestText) {
      return invalid_input("order by: expected texts of at most " + std::to_string(kLongestText) +
                           " bytes where there is more than a page, found one of " + std::to_string(text->size()));
    }
    token += "." + text_of(value);
  }
  return token + "." + hex_of(std::string_view(position.name)) + "." + std::to_string(position.number);
}

Position position_of(const Order& order, const Row& row, std::string_view name, std::uint64_t number) {
  Position position{.keys = {}, .name = std::string(name), .number = number};
  for (const Order::Key& key : order.keys()) position.keys.push_back(value_of(row, key));
  return position;
}

int compare(const Order& order, const Position& a, const Position& b) {
  const auto keys = order.keys();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const int found = compare(a.keys[i], b.keys[i], keys[i].descending);
    if (found != 0) return found;
  }
  if (a.name != b.name) return a.name < b.name ? -1 : 1;
  return a.number == b.number ? 0 : (a.number < b.number ? -1 : 1);
}

}  // namespace slipway::search
