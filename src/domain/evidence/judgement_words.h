// The words of judgements: numbers as people read them.
#pragma once

#include <string>
#include <string_view>

#include "domain/evidence/judgement.h"

namespace slipway::evidence {

std::string number(double value);      // four digits
std::string e_value(double log);       // from its logarithm, whatever its size
std::string duration(double seconds);  // "90 s", "12 min", rounded up

// The words that a verdict ends with: `passed`, or what the functions give for this judgement so far; what is missing
// is told with the reason for holding.
template <class WhyBack, class WhyHold, class Lacking>
void conclude(Judgement& judgement, std::string_view passed, WhyBack&& why_back, WhyHold&& why_hold,
              Lacking&& lacking) {
  switch (judgement.verdict) {
    case model::Verdict::Fail:
      judgement.reason = why_back(judgement);
      break;
    case model::Verdict::Pass:
      judgement.reason = passed;
      break;
    case model::Verdict::Inconclusive:
      judgement.missing = lacking();
      judgement.reason = why_hold(judgement);
      if (!judgement.missing.what.empty()) judgement.reason += "; missing: " + judgement.missing.what;
      break;
  }
}

}  // namespace slipway::evidence
