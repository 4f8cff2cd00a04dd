#include "base/clock.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <optional>

#include "base/text.h"

namespace slipway {
namespace {

struct Unit {
  std::string_view suffix;
  std::int64_t nanoseconds;
};
constexpr std::array<Unit, 8> kUnits = {{{"d", 86'400'000'000'000},
                                         {"h", 3'600'000'000'000},
                                         {"m", 60'000'000'000},
                                         {"s", 1'000'000'000},
                                         {"ms", 1'000'000},
                                         {"us", 1'000},
                                         {"\u00b5s", 1'000},
                                         {"ns", 1}}};

// The leading number as nanoseconds; whole numbers exactly.
std::optional<std::int64_t> scaled(std::string_view number, std::int64_t unit) {
  std::int64_t whole = 0;
  const char* end = number.data() + number.size();
  if (const auto read = std::from_chars(number.data(), end, whole); read.ec == std::errc{} && read.ptr == end) {
    std::int64_t product;
    if (__builtin_mul_overflow(whole, unit, &product)) return std::nullopt;
    return product;
  }
  double value = 0;
  const auto read = std::from_chars(number.data(), end, value, std::chars_format::fixed);
  if (read.ec != std::errc{} || read.ptr != end || !(value * static_cast<double>(unit) < 9e18)) return std::nullopt;
  return static_cast<std::int64_t>(value * static_cast<double>(unit) + 0.5);
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  const std::size_t split = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string_view suffix = text.substr(split);
  for (const Unit& unit : kUnits) {
    if (split == 0 || suffix != unit.suffix) continue;
    if (const auto nanoseconds = scaled(text.substr(0, split), unit.nanoseconds)) return Duration(*nanoseconds);
  }
  return invalid_input("expected a duration such as 250ms, 1s or 2m, found \"" + printable(text) + "\"");
}

std::string to_string(Duration duration) {
  for (const Unit& unit : kUnits) {
    if (unit.suffix == "d" || unit.suffix == "h" || unit.suffix == "m") continue;
    if (duration.count() % unit.nanoseconds == 0) {
      return std::to_string(duration.count() / unit.nanoseconds) + std::string(unit.suffix);
    }
  }
  return "";
}

std::string to_rfc3339(WallTime time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const std::time_t seconds = std::chrono::system_clock::to_time_t(whole);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>((time - whole).count()));
  return text;
}

}  // namespace slipway
