#include "adapter/yaml/field.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "adapter/yaml/unknown_key.h"
#include "base/text.h"

namespace slipway::yaml {
namespace {

// YAML 1.1 reads 010 as eight and 1.2 as ten: neither is guessed.
bool has_leading_zero(std::string_view digits) {
  return digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9';
}

template <class Integer>
std::optional<Integer> parse_whole(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('-')) digits.remove_prefix(1);
  if (digits.empty() || digits[0] < '0' || digits[0] > '9' || has_leading_zero(digits)) return std::nullopt;
  Integer value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <class Real>
std::optional<Real> parse_real(std::string_view text) {
  using Limits = std::numeric_limits<Real>;
  if (text == ".nan" || text == "NaN") return Limits::quiet_NaN();
  if (text == ".inf" || text == "Infinity" || text == "+.inf") return Limits::infinity();
  if (text == "-.inf" || text == "-Infinity") return -Limits::infinity();
  if (text.starts_with('+')) text.remove_prefix(1);
  std::string_view digits = text;
  if (digits.starts_with('-')) digits.remove_prefix(1);
  const bool starts_well = !digits.empty() && ((digits[0] >= '0' && digits[0] <= '9') || digits[0] == '.');
  if (!starts_well || has_leading_zero(digits)) return std::nullopt;
  Real value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (status == std::errc::result_out_of_range) {
    // from_chars does not say on which side: what is tiny is zero, what is huge is refused.
    const double wide = std::strtod(std::string(text).c_str(), nullptr);
    if (std::abs(wide) < 1) return static_cast<Real>(wide);
    return std::nullopt;
  }
  if (status != std::errc{}) return std::nullopt;
  return value;
}

std::string in_range(std::int64_t least, std::int64_t most) {
  if (most == std::numeric_limits<std::int64_t>::max()) return "a whole number, " + std::to_string(least) + " or more";
  return "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  return parse_whole<std::int64_t>(text);
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text) {
  return parse_whole<std::uint64_t>(text);
}

std::optional<double> parse_double(std::string_view text) {
  return parse_real<double>(text);
}

std::optional<float> parse_float(std::string_view text) {
  return parse_real<float>(text);
}

std::string describe(const Node& node) {
  switch (node.kind) {
    case Kind::Null:
      return "nothing";
    case Kind::Scalar:
      return "\"" + printable(node.scalar, 60) + "\"";
    case Kind::Sequence:
      return "a list";
    case Kind::Mapping:
      return "a mapping";
  }
  return "";
}

Error Field::wrong(std::string_view message) const {
  return error_at(*document_, node_->mark, path_.empty() ? std::string(message) : path_ + ": " + std::string(message));
}

Error Field::expected(std::string_view what) const {
  return wrong("expected " + std::string(what) + ", found " + describe(*node_));
}

Result<std::string> Field::text() const {
  if (!is(Kind::Scalar)) return expected("text");
  return node_->scalar;
}

Result<bool> Field::boolean() const {
  if (is(Kind::Scalar) && !node_->quoted) {
    if (node_->scalar == "true") return true;
    if (node_->scalar == "false") return false;
  }
  return expected("true or false");
}

Result<std::int64_t> Field::integer(std::int64_t least, std::int64_t most) const {
  const auto value = is(Kind::Scalar) && !node_->quoted ? parse_integer(node_->scalar) : std::nullopt;
  if (!value || *value < least || *value > most) return expected(in_range(least, most));
  return *value;
}

Result<double> Field::number() const {
  const auto value = is(Kind::Scalar) && !node_->quoted ? parse_double(node_->scalar) : std::nullopt;
  if (!value || !std::isfinite(*value)) return expected("a finite number");
  return *value;
}

Result<std::vector<Field>> Field::items(std::size_t most) const {
  if (!is(Kind::Sequence)) return expected("a list");
  if (node_->items.size() > most) {
    return wrong("expected at most " + std::to_string(most) + " items, found " + std::to_string(node_->items.size()));
  }
  std::vector<Field> fields;
  fields.reserve(node_->items.size());
  for (std::size_t i = 0; i < node_->items.size(); ++i) {
    fields.emplace_back(*document_, node_->items[i], path_ + "[" + std::to_string(i) + "]");
  }
  return fields;
}

Result<std::vector<std::string>> Field::texts(std::size_t most) const {
  std::vector<std::string> words;
  for (const Field& item : TRY(items(most))) words.push_back(TRY(item.text()));
  return words;
}

Result<void> Field::check_keys(std::span<const std::string_view> known) const {
  if (!is(Kind::Mapping)) return expected("a mapping");
  for (const Entry& entry : node_->entries) {
    if (std::ranges::find(known, entry.key) != known.end()) continue;
    const std::string where = path_.empty() ? "" : path_ + ": ";
    return error_at(*document_, entry.mark, where + unknown_key(entry.key, known));
  }
  return {};
}

std::optional<Field> Field::find(std::string_view key) const {
  for (const Entry& entry : node_->entries) {
    if (entry.key == key) {
      return Field(*document_, entry.value, path_.empty() ? entry.key : path_ + "." + entry.key);
    }
  }
  return std::nullopt;
}

Result<std::vector<std::pair<std::string, Field>>> Field::entries(std::size_t most) const {
  if (!is(Kind::Mapping)) return expected("a mapping");
  if (node_->entries.size() > most) {
    return wrong("expected at most " + std::to_string(most) + " entries, found " +
                 std::to_string(node_->entries.size()));
  }
  std::vector<std::pair<std::string, Field>> fields;
  for (const Entry& entry : node_->entries) {
    const std::string shown = printable(entry.key, 60);
    fields.emplace_back(entry.key, Field(*document_, entry.value, path_.empty() ? shown : path_ + "." + shown));
  }
  return fields;
}

}  // namespace slipway::yaml
