#include "adapter/codec/json_reader.h"

#include <array>
#include <cstring>

#include "base/text.h"

namespace slipway::codec {
namespace {

// First byte at or after `at` that ends or complicates a string: a quote, a backslash or a control character.
// `high` becomes true when a byte above 0x7F was passed.
const char* plain_run(const char* at, const char* end, bool& high) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kTops = 0x8080808080808080;
  const auto has_zero = [](std::uint64_t word) { return (word - kOnes) & ~word & kTops; };
  while (end - at >= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    if (has_zero(word ^ (kOnes * '"')) || has_zero(word ^ (kOnes * '\\')) || ((word - kOnes * 0x20) & ~word & kTops)) {
      break;
    }
    high |= (word & kTops) != 0;
    at += 8;
  }
  for (; at != end; ++at) {
    const auto c = static_cast<unsigned char>(*at);
    if (c == '"' || c == '\\' || c < 0x20) break;
    high |= c > 0x7F;
  }
  return at;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Four hexadecimal digits; -1 if they are not there.
std::int32_t code_unit(const char* at, const char* end) {
  if (end - at < 4) return -1;
  std::int32_t unit = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_digit(at[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

std::byte* write_utf8(std::byte* out, std::uint32_t point) {
  const auto put = [&](std::uint32_t value) { *out++ = static_cast<std::byte>(value); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | (point >> 6)), put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | (point >> 12)), put(0x80 | ((point >> 6) & 0x3F)), put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | (point >> 18)), put(0x80 | ((point >> 12) & 0x3F));
    put(0x80 | ((point >> 6) & 0x3F)), put(0x80 | (point & 0x3F));
  }
  return out;
}

char simple_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return '\0';
  }
}

}  // namespace

JsonReader::JsonReader(std::string_view text, Arena& arena)
    : begin_(text.data()), at_(text.data()), end_(text.data() + text.size()), arena_(arena) {
  if (text.starts_with("\xEF\xBB\xBF")) at_ += 3;
}

JsonReader::Kind JsonReader::peek() {
  skip_space();
  if (failed_ || at_ == end_) return Kind::Nothing;
  switch (*at_) {
    case '{':
      return Kind::Object;
    case '[':
      return Kind::Array;
    case '"':
      return Kind::String;
    case 't':
    case 'f':
      return Kind::Boolean;
    case 'n':
      return Kind::Null;
    default:
      return *at_ == '-' || *at_ == 'N' || *at_ == 'I' || (*at_ >= '0' && *at_ <= '9') ? Kind::Number : Kind::Nothing;
  }
}

bool JsonReader::enter(char open, std::string_view expected) {
  skip_space();
  if (failed_) return false;
  if (at_ == end_ || *at_ != open) return fail_expected(expected);
  if (depth_ == kMaxJsonDepth) {
    return fail("expected at most " + std::to_string(kMaxJsonDepth) + " levels of nesting, found more");
  }
  ++at_;
  ++depth_;
  first_ = true;
  return true;
}
bool JsonReader::enter_object() {
  return enter('{', "an object");
}
bool JsonReader::enter_array() {
  return enter('[', "an array");
}

// Always false: a container ended.
bool JsonReader::leave() {
  ++at_;
  --depth_;
  first_ = false;
  return false;
}

bool JsonReader::begin_or_end_array() {
  if (failed_) return false;
  if (at_ == end_) return fail(first_ ? "expected a value or ']'" : "expected ',' or ']'");
  if (*at_ == ']') return leave();
  if (first_) {
    first_ = false;
    return true;
  }
  return fail("expected ',' or ']'");
}

std::optional<std::string_view> JsonReader::next_key() {
  skip_space();
  if (failed_) return std::nullopt;
  if (at_ != end_ && *at_ == '}') {
    leave();
    return std::nullopt;
  }
  if (!first_) {
    if (at_ == end_ || *at_ != ',') {
      fail("expected ',' or '}'");
      return std::nullopt;
    }
    ++at_;
    skip_space();
  }
  first_ = false;
  if (at_ == end_ || *at_ != '"') {
    fail_expected("a key in quotes");
    return std::nullopt;
  }
  const auto key = string();
  if (!key) return std::nullopt;
  skip_space();
  if (at_ == end_ || *at_ != ':') {
    fail("expected ':'");
    return std::nullopt;
  }
  ++at_;
  return key;
}

std::optional<std::string_view> JsonReader::string() {
  skip_space();
  if (failed_) return std::nullopt;
  if (at_ == end_ || *at_ != '"') {
    fail_expected("a string");
    return std::nullopt;
  }
  const char* const first = at_ + 1;
  bool high = false;
  const char* const stop = plain_run(first, end_, high);
  if (stop == end_ || *stop != '"') return unescape(stop);
  const std::string_view text(first, static_cast<std::size_t>(stop - first));
  if (high && !is_valid_utf8(text)) {
    fail("expected UTF-8, found other bytes in a string");
    return std::nullopt;
  }
  at_ = stop + 1;
  return text;
}

// The rest of a string that is not simply a piece of the body; `from` is where it stopped being so.
std::optional<std::string_view> JsonReader::unescape(const char* from) {
  // Find the end first: the piece of the arena is then exactly bounded by the text that was really sent.
  const char* close = from;
  for (bool high = false; close != end_ && *close != '"'; close = plain_run(close, end_, high)) {
    if (*close != '\\') {
      fail_at(static_cast<std::size_t>(close - begin_), "expected control characters in a string to be escaped");
      return std::nullopt;
    }
    close += end_ - close >= 2 ? 2 : 1;
  }
  if (close == end_) {
    fail("expected a closing quote, found the end of the text");
    return std::nullopt;
  }
  const char* const first = at_ + 1;
  const MutableByteSpan piece = arena_.allocate(static_cast<std::size_t>(close - first));
  std::byte* out = piece.data();
  for (const char* at = first; at != close;) {
    if (*at != '\\') {
      *out++ = static_cast<std::byte>(*at++);
      continue;
    }
    const auto escape_at = static_cast<std::size_t>(at - begin_);
    const char kind = at[1];
    at += 2;
    if (kind != 'u') {
      const char plain = simple_escape(kind);
      if (plain == '\0') {
        fail_at(escape_at, "expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u, found another escape");
        return std::nullopt;
      }
      *out++ = static_cast<std::byte>(plain);
      continue;
    }
    std::int32_t unit = code_unit(at, close);
    if (unit >= 0xD800 && unit < 0xDC00 && close - at >= 10 && at[4] == '\\' && at[5] == 'u') {
      const std::int32_t low = code_unit(at + 6, close);
      if (low >= 0xDC00 && low < 0xE000) {
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        at += 6;
      }
    }
    if (unit < 0 || (unit >= 0xD800 && unit < 0xE000)) {
      fail_at(escape_at, unit < 0 ? "expected four hexadecimal digits after \\u"
                                  : "expected a pair of surrogates, found one alone");
      return std::nullopt;
    }
    at += 4;
    out = write_utf8(out, static_cast<std::uint32_t>(unit));
  }
  const auto size = static_cast<std::size_t>(out - piece.data());
  const std::string_view text = as_text(piece.first(size));
  if (!is_valid_utf8(text)) {
    fail("expected UTF-8, found other bytes in a string");
    return std::nullopt;
  }
  arena_.shrink(piece, size);
  at_ = close + 1;
  return text;
}

bool JsonReader::literal(std::string_view word) {
  if (!std::string_view(at_, remaining()).starts_with(word)) return fail("expected a JSON value");
  at_ += word.size();
  return true;
}

std::optional<bool> JsonReader::boolean() {
  if (peek() != Kind::Boolean) {
    fail_expected("true or false");
    return std::nullopt;
  }
  const bool value = *at_ == 't';
  if (!literal(value ? "true" : "false")) return std::nullopt;
  return value;
}

void JsonReader::expected_number() {
  if (peek() == Kind::Number) {
    fail("expected a number as JSON writes it");
  } else {
    fail_expected("a number");
  }
}

bool JsonReader::skip() {
  // One bit per open container: 1 for an object. Depth is bounded, so nothing here recurses.
  std::uint64_t objects = 0;
  int open = 0;
  do {
    bool more = true;
    if (open > 0) more = (objects & 1) != 0 ? next_key().has_value() : next_element();
    if (failed_) return false;
    if (!more) {
      objects >>= 1;
      --open;
      continue;
    }
    switch (peek()) {
      case Kind::Object:
      case Kind::Array: {
        const bool object = *at_ == '{';
        if (!(object ? enter_object() : enter_array())) return false;
        objects = objects << 1 | static_cast<std::uint64_t>(object);
        ++open;
        break;
      }
      case Kind::String:
        string();
        break;
      case Kind::Number:
        number();
        break;
      case Kind::Boolean:
        boolean();
        break;
      case Kind::Null:
        literal("null");
        break;
      case Kind::Nothing:
        fail_expected("a JSON value");
        break;
    }
  } while (open > 0 && !failed_);
  return !failed_;
}

bool JsonReader::finish() {
  skip_space();
  if (failed_) return false;
  return at_ == end_ || fail("expected the end of the text after the JSON value, found more");
}

std::size_t JsonReader::offset() {
  skip_space();
  return static_cast<std::size_t>(at_ - begin_);
}

bool JsonReader::fail(std::string_view what) {
  return fail_at(offset(), what);
}

bool JsonReader::fail_at(std::size_t offset, std::string_view what) {
  if (failed_) return false;
  failed_ = true;
  failed_at_ = offset;
  what_ = what;
  at_ = end_;  // nothing more is read
  return false;
}

bool JsonReader::fail_expected(std::string_view expected) {
  static constexpr std::array<std::string_view, 6> kNames = {"an object", "an array",  "a string",
                                                             "a number",  "a boolean", "null"};
  const Kind kind = peek();
  std::string found;
  if (kind != Kind::Nothing) {
    found = kNames[static_cast<std::size_t>(kind)];
    if (kind == Kind::Number) {
      const NumberText number = scan_number(at_, end_);
      if (number) found = "the number " + printable(number.text(), 40);
    }
  } else if (at_ == end_) {
    found = "the end of the text";
  } else {
    found = "'" + printable({at_, 1}) + "'";
  }
  return fail("expected " + std::string(expected) + ", found " + found);
}

Error JsonReader::error() const {
  return invalid_input(what_ + " at " + json_path(text(), failed_at_) + ", byte " + std::to_string(failed_at_));
}

}  // namespace slipway::codec
