#include "domain/stats/shape_tests.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "domain/stats/distribution.h"
#include "domain/stats/sample.h"

namespace slipway::stats {
namespace {

// The largest |i m - j n| over the values at which both distribution functions are i/n and j/m: D n m, an integer.
std::uint64_t largest_distance(std::vector<double> first, std::vector<double> second) {
  std::sort(first.begin(), first.end());
  std::sort(second.begin(), second.end());
  const std::uint64_t n = first.size(), m = second.size();
  std::uint64_t i = 0, j = 0, largest = 0;
  while (i < n && j < m) {
    const double value = std::min(first[i], second[j]);
    while (i < n && first[i] == value) ++i;
    while (j < m && second[j] == value) ++j;
    const std::uint64_t a = i * m, b = j * n;
    largest = std::max(largest, a > b ? a - b : b - a);
  }
  return largest;
}

// P(a random path from (0, 0) to (n, m) has touched |i m - j n| >= bound). Every term is positive, so small
// probabilities keep their digits.
double touching(std::uint64_t n, std::uint64_t m, std::uint64_t bound) {
  std::vector<double> column(m + 1);
  for (std::uint64_t i = 0; i <= n; ++i) {
    for (std::uint64_t j = 0; j <= m; ++j) {
      const std::uint64_t a = i * m, b = j * n;
      if ((a > b ? a - b : b - a) >= bound) {
        column[j] = 1;
      } else if (i == 0 || j == 0) {
        column[j] = i == 0 && j == 0 ? 0 : (i == 0 ? column[j - 1] : column[0]);
      } else {
        const auto from_first = static_cast<double>(i), from_second = static_cast<double>(j);
        column[j] = (from_first * column[j] + from_second * column[j - 1]) / (from_first + from_second);
      }
    }
  }
  return column[m];
}

}  // namespace

Result<TestOutcome> kolmogorov_smirnov_test(std::span<const double> first, std::span<const double> second) {
  TRY(check_values(first, "first sample"));
  TRY(check_values(second, "second sample"));
  const std::uint64_t n = first.size(), m = second.size();
  const std::uint64_t distance = largest_distance({first.begin(), first.end()}, {second.begin(), second.end()});
  const double cells = static_cast<double>(n) * static_cast<double>(m);
  const double statistic = static_cast<double>(distance) / cells;
  if (distance == 0) return TestOutcome{0, 1};
  if (cells <= static_cast<double>(kExactCells)) return TestOutcome{statistic, touching(n, m, distance)};
  return TestOutcome{statistic, kolmogorov_upper(std::sqrt(cells / static_cast<double>(n + m)) * statistic)};
}

Result<ChiSquareOutcome> chi_square_test(const std::vector<std::vector<std::uint64_t>>& table) {
  const std::size_t columns = table.empty() ? 0 : table.front().size();
  std::vector<double> by_row, by_column(columns, 0.0);
  double all = 0;
  for (const std::vector<std::uint64_t>& row : table) {
    TRY(check_same_length(columns, row.size(), "rows of a table of counts"));
    double sum = 0;
    for (std::size_t column = 0; column < columns; ++column) {
      sum += static_cast<double>(row[column]);
      by_column[column] += static_cast<double>(row[column]);
    }
    by_row.push_back(sum);
    all += sum;
  }
  if (!(all > 0)) return invalid_input("a table of counts: expected at least one observation, found none");
  const auto is_used = [](double sum) { return sum > 0; };
  const auto rows_used = static_cast<std::uint64_t>(std::count_if(by_row.begin(), by_row.end(), is_used));
  const auto columns_used = static_cast<std::uint64_t>(std::count_if(by_column.begin(), by_column.end(), is_used));
  const std::uint64_t degrees = (rows_used - 1) * (columns_used - 1);
  if (degrees == 0) return ChiSquareOutcome{{0, 1}, 0};
  Sum statistic;
  for (std::size_t row = 0; row < table.size(); ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      const double expected = by_row[row] * by_column[column] / all;
      if (!(expected > 0)) continue;
      const double distance = static_cast<double>(table[row][column]) - expected;
      statistic.add(distance * distance / expected);
    }
  }
  return ChiSquareOutcome{{statistic.value(), chi_square_upper(statistic.value(), static_cast<double>(degrees))},
                          degrees};
}

}  // namespace slipway::stats
