#include "domain/stats/linear_reward.h"

#include <cmath>

namespace slipway::stats {
namespace {

std::size_t place(std::size_t row, std::size_t column) {
  return row * (row + 1) / 2 + column;
}

}  // namespace

LinearReward::LinearReward(std::size_t features, double ridge)
    : products_(features * (features + 1) / 2, 0.0), sums_(features, 0.0) {
  for (std::size_t i = 0; i < features; ++i) products_[place(i, i)] = ridge;
}

void LinearReward::observe(std::span<const double> x, double reward, double weight) {
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    sums_[i] += weight * reward * x[i];
    for (std::size_t j = 0; j <= i; ++j) products_[place(i, j)] += weight * x[i] * x[j];
  }
}

// A = L L' (Cholesky); with u = L^-1 x and v = L^-1 b the score is u'v and |u|. A is positive definite by its ridge.
LinearReward::Score LinearReward::score(std::span<const double> x) const {
  std::vector<double> root(products_), u(x.begin(), x.end()), v(sums_);
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double& entry = root[place(i, j)];
      for (std::size_t k = 0; k < j; ++k) entry -= root[place(i, k)] * root[place(j, k)];
      entry = i == j ? std::sqrt(entry) : entry / root[place(j, j)];
    }
    for (std::size_t k = 0; k < i; ++k) {
      u[i] -= root[place(i, k)] * u[k];
      v[i] -= root[place(i, k)] * v[k];
    }
    u[i] /= root[place(i, i)];
    v[i] /= root[place(i, i)];
  }
  Score score;
  for (std::size_t i = 0; i < u.size(); ++i) {
    score.mean += u[i] * v[i];
    score.width += u[i] * u[i];
  }
  score.width = std::sqrt(score.width);
  return score;
}

}  // namespace slipway::stats
