// Curve: how the evidence of a rollout and its weights went over time, for people.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/rollout/rollout.h"

namespace slipway::rollout {

inline constexpr std::size_t kMostPoints = 240;

// What was seen at one moment. E-values by their logarithms. A value.
struct CurvePoint {
  WallTime at{};
  model::BasisPoints weight;  // of the candidates together
  double log_harm = 0;        // of the candidate that looks worst
  double log_safe = 0;        // of the guardrail that is shown least
  bool operator==(const CurvePoint&) const = default;
};
using Curve = std::vector<CurvePoint>;

// Adds a point; a full curve loses those that are closest together first, so that it stays even over its whole time.
void add_point(Curve& curve, const CurvePoint& point);

std::string text_of(const Curve& curve);           // one line for each point, rounded to four digits
Result<Curve> parse_curve(std::string_view text);  // InvalidInput names the line

}  // namespace slipway::rollout
