// Answers: the functions of domain/stats by name, for tests/references/*.py to compare with other implementations.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "domain/stats/interval.h"

namespace slipway::references {

// The arguments of one case: numbers as text, a list as its length and its numbers. What is not there reads as 0, and
// `is_complete` tells.
class Arguments {
 public:
  explicit Arguments(std::istream& line) : line_(line) {}
  double number() {
    std::string word;
    complete_ &= static_cast<bool>(line_ >> word);
    return word.empty() ? 0 : std::strtod(word.c_str(), nullptr);
  }
  std::uint64_t count() { return static_cast<std::uint64_t>(number()); }
  template <class T>
  std::vector<T> list() {
    std::vector<T> values(count());
    for (T& value : values) value = static_cast<T>(number());
    return values;
  }
  std::vector<double> numbers() { return list<double>(); }
  stats::Alternative alternative() { return static_cast<stats::Alternative>(count()); }
  bool is_complete() const { return complete_; }

 private:
  std::istream& line_;
  bool complete_ = true;
};

using Answer = Result<std::vector<double>>;
using Answers = std::map<std::string, std::function<Answer(Arguments&)>>;

Answers metric_answers();  // metrics, calibration, ranking, fairness
Answers test_answers();    // tests, intervals, resampling, multiplicity
Answers sequential_answers();
Answers paired_answers();  // rates, pairs, confidence sequences, off-policy values

inline Answer one(Result<double> result) {
  return std::vector<double>{TRY(std::move(result))};
}
inline Answer both(Result<stats::Interval> result) {
  const stats::Interval interval = TRY(std::move(result));
  return std::vector<double>{interval.low, interval.high};
}
inline Answer both(Result<stats::TestOutcome> result) {
  const stats::TestOutcome test = TRY(std::move(result));
  return std::vector<double>{test.statistic, test.p_value};
}

}  // namespace slipway::references
