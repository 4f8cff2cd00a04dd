// The words of judgements: numbers as people read them.
#pragma once

#include <string>

namespace slipway::evidence {

std::string number(double value);      // four digits
std::string e_value(double log);       // from its logarithm, whatever its size
std::string duration(double seconds);  // "90 s", "12 min", rounded up

}  // namespace slipway::evidence
