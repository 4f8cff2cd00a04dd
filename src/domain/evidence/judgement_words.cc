#include "domain/evidence/judgement_words.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace slipway::evidence {

std::string number(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

std::string e_value(double log) {
  return log < std::log(1e6) ? number(std::exp(log)) : "10^" + number(log / std::log(10));
}

std::string duration(double seconds) {
  if (seconds < 120) return number(std::ceil(seconds)) + " s";
  if (seconds < 7'200) return number(std::ceil(seconds / 60)) + " min";
  return number(std::ceil(seconds / 3'600)) + " h";
}

}  // namespace slipway::evidence
