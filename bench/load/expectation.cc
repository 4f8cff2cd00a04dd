#include "bench/load/expectation.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

namespace slipway::load {
namespace {

bool is_close(double a, double b) {
  return a == b || std::fabs(a - b) <= Expectation::kTolerance * std::max(1.0, std::fabs(a));
}

bool begins_number(std::string_view text, std::size_t at) {
  return (text[at] >= '0' && text[at] <= '9') || (text[at] == '-' && at + 1 < text.size() && text[at + 1] <= '9');
}

// Reads the number at `at` and moves past it.
bool take_number(std::string_view text, std::size_t& at, double& value) {
  auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), value);
  if (error != std::errc{}) return false;
  at = static_cast<std::size_t>(end - text.data());
  return true;
}

}  // namespace

bool Expectation::accepts(std::string_view body) {
  if (!is_known_) {
    body_ = body;
    is_known_ = true;
    return true;
  }
  return is_like(body_, body) || std::ranges::any_of(others_, [&](const auto& other) { return is_like(other, body); });
}

bool Expectation::is_like(std::string_view expected, std::string_view body) const {
  if (body == expected) return true;
  return trailing_floats_ > 0 ? is_like_floats(expected, body) : is_like_text(expected, body);
}

bool Expectation::is_like_text(std::string_view expected, std::string_view body) {
  std::size_t mine = 0, theirs = 0;
  while (mine < expected.size() && theirs < body.size()) {
    if (begins_number(expected, mine) && begins_number(body, theirs)) {
      double a = 0, b = 0;
      if (!take_number(expected, mine, a) || !take_number(body, theirs, b) || !is_close(a, b)) return false;
    } else if (expected[mine++] != body[theirs++]) {
      return false;
    }
  }
  return mine == expected.size() && theirs == body.size();
}

bool Expectation::is_like_floats(std::string_view expected, std::string_view body) const {
  std::size_t floats = trailing_floats_ * sizeof(float);
  if (body.size() != expected.size() || body.size() < floats) return false;
  std::size_t exact = body.size() - floats;
  if (std::memcmp(body.data(), expected.data(), exact) != 0) return false;
  for (std::size_t at = exact; at < body.size(); at += sizeof(float)) {
    float a, b;
    std::memcpy(&a, expected.data() + at, sizeof a);
    std::memcpy(&b, body.data() + at, sizeof b);
    if (!is_close(a, b)) return false;
  }
  return true;
}

}  // namespace slipway::load
