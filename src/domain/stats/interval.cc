#include "domain/stats/interval.h"

#include <string>

namespace slipway::stats {

Position position(const Interval& interval, double margin) {
  if (interval.low > margin) return Position::Above;
  if (interval.high < margin) return Position::Below;
  return Position::Between;
}

Inferiority inferiority(const Interval& gain, double margin) {
  switch (position(gain, -margin)) {
    case Position::Above:
      return Inferiority::NotInferior;
    case Position::Below:
      return Inferiority::Inferior;
    case Position::Between:
      break;
  }
  return Inferiority::Undecided;
}

Result<void> check_confidence(double confidence) {
  if (confidence > 0 && confidence < 1) return {};
  return invalid_input("expected a confidence between 0 and 1, found " + std::to_string(confidence));
}

}  // namespace slipway::stats
