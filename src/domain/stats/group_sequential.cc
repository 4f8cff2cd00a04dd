#include "domain/stats/group_sequential.h"

#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "domain/stats/distribution.h"

namespace slipway::stats {
namespace {

constexpr std::size_t kNodes = 200;  // of Gauss and Legendre's rule over the continuation region
constexpr int kBisections = 60;
constexpr double kLeastStep = 0.01;  // nearer looks ask for finer nodes
constexpr double kFarthest = 12;     // standard deviations beyond which nothing is missed

double density(double x) {
  return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
}

// Nodes and weights of Gauss and Legendre's rule on [-1, 1]: the roots of P_n by Newton's iteration from Tricomi's
// approximation, weights 2 / ((1 - x^2) P_n'(x)^2).
struct Rule {
  std::vector<double> nodes, weights;
};
Rule gauss_legendre(std::size_t n) {
  Rule rule{std::vector<double>(n), std::vector<double>(n)};
  const auto degree = static_cast<double>(n);
  for (std::size_t i = 0; i < n; ++i) {
    double x = std::cos(std::numbers::pi * (static_cast<double>(i) + 0.75) / (degree + 0.5));
    double slope = 1;
    for (int iteration = 0; iteration < 6; ++iteration) {
      double before = 1, value = x;
      for (std::size_t k = 2; k <= n; ++k) {
        const auto order = static_cast<double>(k);
        const double next = ((2 * order - 1) * x * value - (order - 1) * before) / order;
        before = value;
        value = next;
      }
      slope = degree * (x * value - before) / (x * x - 1);
      x -= value / slope;
    }
    rule.nodes[i] = x;
    rule.weights[i] = 2 / ((1 - x * x) * slope * slope);
  }
  return rule;
}

// The distribution of the score S = Z sqrt(t) among paths that have not crossed yet, look after look.
class Walk {
 public:
  Walk(const Rule& rule, double drift) : rule_(&rule), drift_(drift) {}

  // P(first crossing at the next look, of share t, with this bound on |Z|).
  double crossing(double t, double bound) const {
    const double edge = bound * std::sqrt(t);
    if (points_.empty()) {
      return normal_upper((edge - drift_ * t) / std::sqrt(t)) + normal_lower((-edge - drift_ * t) / std::sqrt(t));
    }
    const double step = t - share_, deviation = std::sqrt(step);
    double sum = 0;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const double centre = points_[i] + drift_ * step;
      sum += masses_[i] * (normal_upper((edge - centre) / deviation) + normal_lower((-edge - centre) / deviation));
    }
    return sum;
  }

  // Goes on from the look of share t past its bound.
  void pass(double t, double bound) {
    const double reach = std::min<double>(bound, kFarthest + std::abs(drift_) * std::sqrt(t)) * std::sqrt(t);
    std::vector<double> points(kNodes), masses(kNodes);
    for (std::size_t i = 0; i < kNodes; ++i) {
      points[i] = reach * rule_->nodes[i];
      masses[i] = reach * rule_->weights[i] * density_at(points[i], t);
    }
    points_ = std::move(points);
    masses_ = std::move(masses);
    share_ = t;
  }

 private:
  double density_at(double score, double t) const {
    if (points_.empty()) return density((score - drift_ * t) / std::sqrt(t)) / std::sqrt(t);
    const double step = t - share_, deviation = std::sqrt(step);
    double sum = 0;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      sum += masses_[i] * density((score - points_[i] - drift_ * step) / deviation);
    }
    return sum / deviation;
  }

  const Rule* rule_;
  double drift_;
  double share_ = 0;
  std::vector<double> points_, masses_;  // where the score is, and with what weight
};

double crossed_by(const Rule& rule, std::span<const double> bounds, std::span<const double> shares, double drift) {
  Walk walk(rule, drift);
  double crossed = 0;
  for (std::size_t k = 0; k < shares.size(); ++k) {
    crossed += walk.crossing(shares[k], bounds[k]);
    walk.pass(shares[k], bounds[k]);
  }
  return crossed;
}

Result<void> check_alpha(double alpha) {
  if (alpha > 0 && alpha <= 0.5) return {};
  return invalid_input("expected alpha inside (0, 0.5], found " + std::to_string(alpha));
}

Result<void> check_looks(std::size_t looks) {
  if (looks >= 1 && looks <= kMostLooks) return {};
  return invalid_input("expected 1 to 20 looks, found " + std::to_string(looks));
}

std::vector<double> even_shares(std::size_t looks) {
  std::vector<double> shares(looks);
  for (std::size_t k = 0; k < looks; ++k) shares[k] = static_cast<double>(k + 1) / static_cast<double>(looks);
  return shares;
}

// The bound at which a falling function of it takes the value asked for.
template <class Falling>
double solve(const Falling& falling, double asked) {
  double low = 0, high = 40;
  for (int i = 0; i < kBisections; ++i) {
    const double middle = (low + high) / 2;
    (falling(middle) > asked ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

double spent(Spending spending, double alpha, double t) {
  if (!(t > 0)) return 0;
  if (t >= 1) return alpha;
  if (spending == Spending::Pocock) return alpha * std::log1p((std::numbers::e - 1) * t);
  return 2 * normal_upper(-normal_quantile(alpha / 2) / std::sqrt(t));
}

Result<std::vector<double>> spending_boundaries(Spending spending, double alpha, std::span<const double> shares) {
  TRY(check_alpha(alpha));
  TRY(check_looks(shares.size()));
  double before = 0;
  for (const double share : shares) {
    if (!(share - before >= kLeastStep * (1 - 1e-9) && share <= 1)) {
      return invalid_input("expected shares of the information that rise by at least 0.01 up to 1, found " +
                           std::to_string(share) + " after " + std::to_string(before));
    }
    before = share;
  }
  const Rule rule = gauss_legendre(kNodes);
  Walk walk(rule, 0);
  std::vector<double> bounds;
  double used = 0;
  for (const double share : shares) {
    const double may_spend = spent(spending, alpha, share) - used;
    used += may_spend;
    bounds.push_back(solve([&](double bound) { return walk.crossing(share, bound); }, may_spend));
    walk.pass(share, bounds.back());
  }
  return bounds;
}

double crossing_probability(std::span<const double> bounds, std::span<const double> shares, double drift) {
  return crossed_by(gauss_legendre(kNodes), bounds, shares, drift);
}

Result<double> boundary_constant(Shape shape, double alpha, std::size_t looks) {
  TRY(check_alpha(alpha));
  TRY(check_looks(looks));
  const std::vector<double> shares = even_shares(looks);
  const Rule rule = gauss_legendre(kNodes);
  const auto level = [&](double constant) {
    std::vector<double> bounds;
    for (const double share : shares) {
      bounds.push_back(shape == Shape::Pocock ? constant : constant / std::sqrt(share));
    }
    return crossed_by(rule, bounds, shares, 0);
  };
  return solve(level, alpha);
}

}  // namespace slipway::stats
