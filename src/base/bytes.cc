#include "base/bytes.h"

#include <array>
#include <charconv>
#include <cmath>

namespace slipway {
namespace {
struct Unit {
  std::string_view suffix;
  double factor;
};
constexpr std::array<Unit, 10> kUnits = {{{"", 1},
                                          {"B", 1},
                                          {"KiB", 1024.0},
                                          {"MiB", 1048576.0},
                                          {"GiB", 1073741824.0},
                                          {"TiB", 1099511627776.0},
                                          {"KB", 1e3},
                                          {"MB", 1e6},
                                          {"GB", 1e9},
                                          {"TB", 1e12}}};
}  // namespace

Result<Bytes> parse_bytes(std::string_view text) {
  const auto fail = [&] {
    return invalid_input("expected an amount such as 512, 64KiB, 256MiB or 2GiB, found \"" + std::string(text) + "\"");
  };
  double number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc{} || !std::isfinite(number) || number < 0) return fail();
  std::string_view suffix(end, static_cast<std::size_t>(text.data() + text.size() - end));
  while (suffix.starts_with(' ')) suffix.remove_prefix(1);
  for (const Unit& unit : kUnits) {
    if (unit.suffix != suffix) continue;
    const double count = number * unit.factor;
    if (count > 9.0e18) return fail();
    return Bytes{static_cast<std::uint64_t>(count)};
  }
  return fail();
}

std::string to_string(Bytes amount) {
  static constexpr std::array<std::string_view, 5> kSuffixes = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  std::uint64_t count = amount.count;
  while (count != 0 && count % 1024 == 0 && unit + 1 < kSuffixes.size()) {
    count /= 1024;
    ++unit;
  }
  return std::to_string(count) + std::string(kSuffixes[unit]);
}

}  // namespace slipway
