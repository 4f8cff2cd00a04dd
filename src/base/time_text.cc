#include "base/time_text.h"

#include <charconv>
#include <optional>

#include "base/text.h"

namespace slipway {
namespace {

// Takes the parts of a time off the front of a text.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : rest_(text) {}
  bool character(std::string_view one_of) {
    if (rest_.empty() || one_of.find(rest_.front()) == std::string_view::npos) return false;
    last_ = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }
  // Exactly so many digits, within these bounds.
  bool number(std::size_t digits, int least, int most, int& into) {
    if (rest_.size() < digits) return false;
    const char* const end = rest_.data() + digits;
    const auto [stopped, status] = std::from_chars(rest_.data(), end, into);
    if (rest_.front() == '-' || status != std::errc{} || stopped != end) return false;
    rest_.remove_prefix(digits);
    return into >= least && into <= most;
  }
  bool fraction(std::int64_t& microseconds) {
    microseconds = 0;
    std::int64_t unit = 100'000;
    std::size_t digits = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++digits, unit /= 10) {
      microseconds += unit * (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return digits > 0 && digits <= 9;
  }
  char last() const { return last_; }
  bool is_done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  char last_ = 0;
};

std::optional<WallTime> read_time(std::string_view text) {
  TimeReader reader(text);
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, away_hours = 0, away_minutes = 0;
  std::int64_t fraction = 0;
  const bool has_date = reader.number(4, 1, 9999, year) && reader.character("-") && reader.number(2, 1, 12, month) &&
                        reader.character("-") && reader.number(2, 1, 31, day) && reader.character("Tt");
  const bool has_time = has_date && reader.number(2, 0, 23, hour) && reader.character(":") &&
                        reader.number(2, 0, 59, minute) && reader.character(":") && reader.number(2, 0, 59, second);
  if (!has_time || (reader.character(".") && !reader.fraction(fraction)) || !reader.character("Zz+-")) {
    return std::nullopt;
  }
  const int side = reader.last() == '+' ? 1 : reader.last() == '-' ? -1 : 0;
  if (side != 0 &&
      !(reader.number(2, 0, 23, away_hours) && reader.character(":") && reader.number(2, 0, 59, away_minutes))) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!reader.is_done() || !date.ok()) return std::nullopt;
  const auto away = side * (std::chrono::hours(away_hours) + std::chrono::minutes(away_minutes));
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) + std::chrono::microseconds(fraction) - away;
}

}  // namespace

Result<WallTime> parse_rfc3339(std::string_view text) {
  const auto time = read_time(text);
  if (time) return *time;
  return invalid_input("expected a time such as 2026-11-21T10:00:00Z, found \"" + printable(text, 60) + "\"");
}

}  // namespace slipway
