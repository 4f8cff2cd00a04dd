#include "domain/governance/audit_line.h"

#include <charconv>

#include "base/text.h"

namespace slipway::governance {
namespace {

// Reads a line from its start; after the first thing that does not fit it reads nothing more.
class LineReader {
 public:
  explicit LineReader(std::string_view line) : line_(line), rest_(line) {}

  LineReader& literal(std::string_view text) {
    if (rest_.starts_with(text)) {
      rest_.remove_prefix(text.size());
    } else {
      fail("expected " + std::string(text));
    }
    return *this;
  }

  LineReader& number(std::uint64_t& into) {
    const auto [end, status] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), into);
    if (status != std::errc{})
      fail("expected a whole number");
    else
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return *this;
  }

  LineReader& text(std::string& into) {
    literal("\"");
    while (!failed_ && !rest_.empty() && rest_.front() != '"') {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      into += c == '\\' ? escaped() : c;
    }
    return literal("\"");
  }

  LineReader& time(WallTime& into);

  template <class T, class Parse>
  LineReader& parsed(T& into, Parse parse) {
    std::string found;
    text(found);
    if (failed_) return *this;
    const auto value = parse(found);
    if (value.ok())
      into = *value;
    else
      fail(value.error().message);
    return *this;
  }

  Result<void> end() {
    if (!failed_ && !rest_.empty()) fail("expected the end of the line");
    return failed_ ? Result<void>(corrupt(problem_)) : Result<void>();
  }

 private:
  void fail(const std::string& why) {
    if (failed_) return;
    failed_ = true;
    problem_ = "character " + std::to_string(line_.size() - rest_.size() + 1) + ": " + why + ", found \"" +
               printable(rest_, 40) + "\"";
  }

  // After a backslash; only control characters are written by number.
  char escaped() {
    const char c = rest_.empty() ? '\0' : rest_.front();
    if (c != '\0') rest_.remove_prefix(1);
    switch (c) {
      case '"':
      case '\\':
        return c;
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'r':
        return '\r';
      case 'u': {
        unsigned value = 0;
        const bool is_number =
            rest_.size() >= 4 && std::from_chars(rest_.data(), rest_.data() + 4, value, 16).ptr == rest_.data() + 4;
        if (is_number && (value < 0x20 || value == 0x7F)) {
          rest_.remove_prefix(4);
          return static_cast<char>(value);
        }
        break;
      }
      default:
        break;
    }
    fail("expected an escape of a quote, a backslash or a control character");
    return '\0';
  }

  std::string_view line_, rest_;
  bool failed_ = false;
  std::string problem_;
};

// "2026-11-21T10:00:00.000000Z", as to_rfc3339 writes it.
Result<WallTime> parse_time(const std::string& text) {
  const auto part = [&](std::size_t at, std::size_t digits) {
    int value = -1;
    if (text.size() == 27) std::from_chars(text.data() + at, text.data() + at + digits, value);
    return value;
  };
  const std::chrono::year_month_day day{std::chrono::year(part(0, 4)),
                                        std::chrono::month(static_cast<unsigned>(part(5, 2))),
                                        std::chrono::day(static_cast<unsigned>(part(8, 2)))};
  if (text.size() == 27 && day.ok()) {
    const WallTime time = WallTime(std::chrono::sys_days(day)) + std::chrono::hours(part(11, 2)) +
                          std::chrono::minutes(part(14, 2)) + std::chrono::seconds(part(17, 2)) +
                          std::chrono::microseconds(part(20, 6));
    if (to_rfc3339(time) == text) return time;
  }
  return invalid_input("expected a time such as 2026-11-21T10:00:00.000000Z");
}

LineReader& LineReader::time(WallTime& into) {
  return parsed(into, parse_time);
}

void add(std::string& line, std::string_view key, std::string_view text) {
  line += ",\"" + std::string(key) + "\":";
  append_json_string(line, text);
}

}  // namespace

std::string line_of(const model::Event& event) {
  std::string line = "{\"sequence\":" + std::to_string(event.sequence);
  add(line, "at", to_rfc3339(event.at));
  add(line, "actor", event.actor);
  add(line, "action", event.action);
  add(line, "model", event.model);
  add(line, "subject", event.subject);
  add(line, "from", event.from);
  add(line, "to", event.to);
  add(line, "reason", event.reason);
  add(line, "hash", event.hash.hex());
  return line + "}";
}

std::string line_of(const model::AuditHead& head) {
  std::string line = "{\"head\":" + std::to_string(head.sequence);
  add(line, "hash", head.hash.hex());
  add(line, "at", to_rfc3339(head.at));
  add(line, "key", head.key.hex());
  add(line, "signature", head.signature.hex());
  return line + "}";
}

Result<std::variant<model::Event, model::AuditHead>> parse_audit_line(std::string_view line) {
  LineReader read(line);
  if (line.starts_with("{\"head\":")) {
    model::AuditHead head;
    read.literal("{\"head\":").number(head.sequence).literal(",\"hash\":").parsed(head.hash, parse_digest);
    read.literal(",\"at\":").time(head.at).literal(",\"key\":").parsed(head.key, parse_public_key);
    read.literal(",\"signature\":").parsed(head.signature, parse_signature).literal("}");
    TRY(read.end());
    return std::variant<model::Event, model::AuditHead>(head);
  }
  model::Event event;
  read.literal("{\"sequence\":").number(event.sequence).literal(",\"at\":").time(event.at);
  read.literal(",\"actor\":").text(event.actor).literal(",\"action\":").text(event.action);
  read.literal(",\"model\":").text(event.model).literal(",\"subject\":").text(event.subject);
  read.literal(",\"from\":").text(event.from).literal(",\"to\":").text(event.to);
  read.literal(",\"reason\":").text(event.reason).literal(",\"hash\":").parsed(event.hash, parse_digest);
  read.literal("}");
  TRY(read.end());
  return std::variant<model::Event, model::AuditHead>(std::move(event));
}

}  // namespace slipway::governance
