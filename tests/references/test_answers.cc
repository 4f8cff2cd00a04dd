#include <cmath>

#include "answers.h"
#include "domain/stats/bootstrap.h"
#include "domain/stats/distribution.h"
#include "domain/stats/mean_tests.h"
#include "domain/stats/multiplicity.h"
#include "domain/stats/proportion.h"
#include "domain/stats/quantile.h"
#include "domain/stats/rank_tests.h"
#include "domain/stats/shape_tests.h"

namespace slipway::references {
namespace {

stats::Rate rate_of(Arguments& in) {
  const std::uint64_t successes = in.count();
  return {successes, in.count()};
}

Answer distributions(Arguments& in) {
  const double z = in.number(), p = in.number(), v = in.number();
  return std::vector<double>{stats::normal_lower(z),
                             stats::normal_upper(z),
                             stats::normal_quantile(p),
                             stats::student_upper(z, v),
                             stats::student_quantile(p, v),
                             stats::chi_square_upper(std::abs(z), v),
                             stats::kolmogorov_upper(std::abs(z))};
}

Answer binomials(Arguments& in) {
  const std::uint64_t k = in.count(), n = in.count();
  const double p = in.number();
  return std::vector<double>{stats::binomial_mass(k, n, p), stats::binomial_at_most(k, n, p),
                             stats::binomial_at_least(k, n, p)};
}

template <class Test>
std::function<Answer(Arguments&)> means(Test test) {
  return [test](Arguments& in) -> Answer {
    const stats::Alternative alternative = in.alternative();
    const double confidence = in.number();
    const std::vector<double> first = in.numbers(), second = in.numbers();
    const stats::MeanComparison found = TRY(test(first, second, alternative, confidence));
    return std::vector<double>{found.test.statistic, found.test.p_value, found.degrees, found.interval.low,
                               found.interval.high};
  };
}

template <class Test>
std::function<Answer(Arguments&)> ranked(Test test) {
  return [test](Arguments& in) {
    const stats::Alternative alternative = in.alternative();
    const auto continuity = static_cast<stats::Continuity>(in.count());
    const std::vector<double> first = in.numbers(), second = in.numbers();
    return both(test(first, second, alternative, continuity));
  };
}

Answer chi_square(Arguments& in) {
  const std::uint64_t rows = in.count();
  std::vector<std::vector<std::uint64_t>> table;
  for (std::uint64_t row = 0; row < rows; ++row) table.push_back(in.list<std::uint64_t>());
  const stats::ChiSquareOutcome found = TRY(stats::chi_square_test(table));
  return std::vector<double>{found.test.statistic, found.test.p_value, static_cast<double>(found.degrees)};
}

// The mean of first - second over the same rows: what is resampled in most paired comparisons.
Answer paired_bootstrap(Arguments& in) {
  const std::uint64_t seed = in.count();
  stats::BootstrapRules rules;
  rules.resamples = static_cast<std::uint32_t>(in.count());
  rules.confidence = in.number();
  rules.interval = static_cast<stats::BootstrapInterval>(in.count());
  const std::vector<double> first = in.numbers(), second = in.numbers();
  stats::Xoshiro256 random(seed);
  const auto mean_difference = [&](std::span<const std::uint32_t> rows) {
    double sum = 0;
    for (const std::uint32_t row : rows) sum += first[row] - second[row];
    return sum / static_cast<double>(rows.size());
  };
  const stats::BootstrapOutcome found = TRY(stats::bootstrap(first.size(), mean_difference, rules, random));
  std::vector<double> out{found.estimate, found.interval.low, found.interval.high};
  out.insert(out.end(), found.replicates.begin(), found.replicates.end());
  return out;
}

Answer paired_rates(Arguments& in) {
  const double confidence = in.number();
  stats::PairedCounts counts;
  for (std::uint64_t* cell : {&counts.both, &counts.only_first, &counts.only_second, &counts.neither}) {
    *cell = in.count();
  }
  return both(stats::paired_rate_difference(counts, confidence));
}

Answer mcnemar(Arguments& in) {
  const std::uint64_t b = in.count(), c = in.count();
  const stats::TestOutcome exact = stats::mcnemar_exact(b, c), corrected = stats::mcnemar_corrected(b, c);
  return std::vector<double>{exact.p_value, corrected.statistic, corrected.p_value};
}

}  // namespace

Answers test_answers() {
  Answers answers;
  answers["distributions"] = distributions;
  answers["binomials"] = binomials;
  answers["binomial_test"] = [](Arguments& in) {
    const stats::Alternative alternative = in.alternative();
    const double p = in.number();
    return both(stats::binomial_test(rate_of(in), p, alternative));
  };
  answers["clopper_pearson"] = [](Arguments& in) {
    const double confidence = in.number();
    return both(stats::clopper_pearson(rate_of(in), confidence));
  };
  answers["wilson"] = [](Arguments& in) {
    const double confidence = in.number();
    return both(stats::wilson(rate_of(in), confidence));
  };
  answers["rate_difference"] = [](Arguments& in) {
    const double confidence = in.number();
    const stats::Rate first = rate_of(in);
    return both(stats::rate_difference(first, rate_of(in), confidence));
  };
  answers["rate_ratio"] = [](Arguments& in) {
    const double confidence = in.number();
    const stats::Rate first = rate_of(in);
    return both(stats::rate_ratio(first, rate_of(in), confidence));
  };
  answers["paired_rate_difference"] = paired_rates;
  answers["mcnemar"] = mcnemar;
  answers["welch"] = means(stats::welch_test);
  answers["paired_t"] = means(stats::paired_t_test);
  answers["wilcoxon"] = ranked(stats::wilcoxon_test);
  answers["mann_whitney"] = ranked(stats::mann_whitney_test);
  answers["kolmogorov_smirnov"] = [](Arguments& in) {
    const std::vector<double> first = in.numbers();
    return both(stats::kolmogorov_smirnov_test(first, in.numbers()));
  };
  answers["chi_square"] = chi_square;
  answers["paired_bootstrap"] = paired_bootstrap;
  answers["holm"] = [](Arguments& in) { return stats::holm(in.numbers()); };
  answers["benjamini_hochberg"] = [](Arguments& in) { return stats::benjamini_hochberg(in.numbers()); };
  return answers;
}

}  // namespace slipway::references
