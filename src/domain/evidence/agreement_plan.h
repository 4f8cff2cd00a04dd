// AgreementPlan: what a rollout asks of the answers that candidate gives in the shadow of control's, pair by pair.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/stats/closeness.h"

namespace slipway::evidence {

inline constexpr std::size_t kMostPairMetrics = 16;

enum class PairSource : std::uint8_t {
  Errors,        // candidate fails where control does not
  Class,         // a value differs at all
  Value,         // a value differs by more than the tolerance
  Bias,          // the difference of a value, candidate - control
  Distribution,  // of a value: whether it is the same, for all that pairs depend on one another
  Accuracy,      // by labels that come later: which of the two was right
  Numeric,       // every value, and the outputs' digest: one model in two forms, where none may differ
};
inline constexpr std::size_t kPairSourceCount = 7;
std::string_view name_of(PairSource source);  // "errors"
// Whether it counts pairs that differ, against a largest share of them.
bool is_share(PairSource source);

// A value; what does not apply to the source is left as it is.
struct PairMetricPlan {
  std::string name;
  PairSource source = PairSource::Errors;
  std::uint32_t column = 0;                 // of a prediction's values
  double most = 0.01;                       // share of pairs that may differ; Numeric: that promotion has to exclude
  stats::Tolerance tolerance;               // Value, Numeric: what is no difference
  std::optional<double> margin_difference;  // Bias, Accuracy: not worse means by less than this
  double tolerance_difference = 0;          // Bias, Accuracy: what is no harm yet
  double scale = 1;                         // Bias: differences are cut there, both ways
  double weight = 1;                        // share of alpha, relative to the other metrics'
  std::uint64_t minimum_sample = 30;        // pairs before anything but a Numeric difference counts

  bool is_guardrail() const { return is_share(source) || margin_difference.has_value(); }
  bool operator==(const PairMetricPlan&) const = default;
};

struct AgreementPlan {
  std::vector<PairMetricPlan> metrics;  // none: nothing is asked of pairs
  double alpha_share = 0.2;             // of the plan's alpha; the rest is for what users are given
  double most_lost = 0.1;               // share of pairs that may be lost: shed load makes a sample of calm times
  bool operator==(const AgreementPlan&) const = default;
};

// Ok, or InvalidInput naming the metric and field, what was expected and what was found.
Result<void> check(const AgreementPlan& plan);

}  // namespace slipway::evidence
