#include "domain/rollout/curve.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace slipway::rollout {
namespace {

// Takes one number and the blank or line end behind it.
template <class Number>
bool take(std::string_view& rest, Number& number) {
  const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (read.ec != std::errc{}) return false;
  rest.remove_prefix(static_cast<std::size_t>(read.ptr - rest.data()));
  if (!rest.empty() && rest.front() != ' ') return false;
  rest.remove_prefix(std::min<std::size_t>(1, rest.size()));
  return true;
}

}  // namespace

void add_point(Curve& curve, const CurvePoint& point) {
  // A clock that was set back: time on a curve goes one way.
  if (!curve.empty() && point.at <= curve.back().at) return;
  curve.push_back(point);
  if (curve.size() <= kMostPoints) return;
  const auto apart = (curve.back().at - curve.front().at) / static_cast<long>(kMostPoints / 2);
  Curve kept{curve.front()};
  for (std::size_t i = 1; i + 1 < curve.size(); ++i) {
    if (curve[i].at - kept.back().at >= apart) kept.push_back(curve[i]);
  }
  kept.push_back(curve.back());
  curve = std::move(kept);
}

std::string text_of(const Curve& curve) {
  std::string text;
  for (const CurvePoint& point : curve) {
    std::array<char, 120> line{};
    const int size = std::snprintf(line.data(), line.size(), "%lld %u %.4g %.4g\n",
                                   static_cast<long long>(point.at.time_since_epoch().count()), point.weight.count,
                                   point.log_harm, point.log_safe);
    text.append(line.data(), static_cast<std::size_t>(size));
  }
  return text;
}

Result<Curve> parse_curve(std::string_view text) {
  Curve curve;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    WallTime::rep at = 0;
    CurvePoint point;
    const bool is_sound = take(line, at) && take(line, point.weight.count) && take(line, point.log_harm) &&
                          take(line, point.log_safe) && line.empty() && curve.size() < 2 * kMostPoints;
    if (!is_sound) {
      return invalid_input("line " + std::to_string(curve.size() + 1) +
                           " of a curve: expected time, weight and two logarithms of at most " +
                           std::to_string(2 * kMostPoints) + " points");
    }
    point.at = WallTime(WallTime::duration(at));
    curve.push_back(point);
  }
  return curve;
}

}  // namespace slipway::rollout
