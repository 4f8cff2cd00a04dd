#include "domain/batching/batch_plan.h"

#include <algorithm>
#include <cmath>

namespace slipway::batching {
namespace {

constexpr std::uint64_t kMostRows = 65'536;
constexpr double kRateMemory = 0.1;                                 // seconds
constexpr Duration kQuick = std::chrono::microseconds(100);         // of a + b
constexpr Duration kQuickInBatch = std::chrono::microseconds(250);  // of a + b, of those whose batches pay
constexpr double kRowsThatPay = 8;                                  // in a tick's budget
constexpr double kLeave = 1.3, kEnter = 0.75;                       // hysteresis: factors of these limits

std::optional<Placement> asked_for(model::Execution asked) {
  switch (asked) {
    case model::Execution::Inline:
      return Placement::Inline;
    case model::Execution::Queue:
      return Placement::Queued;
    case model::Execution::Auto:
      break;
  }
  return std::nullopt;
}

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// `slack` stretches every limit.
bool is_quick(const model::Cost& cost, double slack) {
  const Duration one = cost.fixed + cost.per_row;
  if (one <= kQuick * slack) return true;
  const auto rows = static_cast<double>(rows_within(cost, kTickBudget));
  return one <= kQuickInBatch * slack && rows >= kRowsThatPay / slack;
}

}  // namespace

Duration time_of(const model::Cost& cost, std::uint64_t executions, std::uint64_t rows) {
  const double took = static_cast<double>(cost.fixed.count()) * static_cast<double>(executions) +
                      static_cast<double>(cost.per_row.count()) * static_cast<double>(rows);
  return Duration(static_cast<std::int64_t>(std::min(took, kLongestWork)));
}

Placement first_placement(const model::Cost& cost, model::Execution asked) {
  if (const auto said = asked_for(asked)) return *said;
  return is_quick(cost, 1) ? Placement::Inline : Placement::Queued;
}

Placement next_placement(const model::Cost& cost, model::Execution asked, Placement now) {
  if (const auto said = asked_for(asked)) return *said;
  return is_quick(cost, now == Placement::Inline ? kLeave : kEnter) ? Placement::Inline : Placement::Queued;
}

Duration budget_on_loop(model::Execution asked, const Company& company) {
  const bool lone =
      asked == model::Execution::Auto && company.cores == 1 && company.loops == 1 && company.alone >= kLoneAfter;
  return lone ? kLoneBudget : Duration::zero();
}

std::uint64_t best_batch(const model::Cost& cost, std::uint64_t limit) {
  const std::uint64_t most = limit == 0 ? kMostRows : std::min(limit, kMostRows);
  if (cost.per_row <= Duration::zero()) return most;
  const double best =
      std::ceil(9.0 * static_cast<double>(cost.fixed.count()) / static_cast<double>(cost.per_row.count()));
  return best >= static_cast<double>(most) ? most : std::max<std::uint64_t>(1, static_cast<std::uint64_t>(best));
}

std::uint64_t rows_within(const model::Cost& cost, Duration budget) {
  if (cost.per_row <= Duration::zero()) return kMostRows;
  if (budget <= cost.fixed) return 1;
  return std::clamp<std::uint64_t>(static_cast<std::uint64_t>((budget - cost.fixed) / cost.per_row), 1, kMostRows);
}

bool is_worth_waiting(const model::Cost& cost, const Waiting& waiting) {
  if (waiting.rows == 0 || waiting.rows >= waiting.best || waiting.arrivals_per_second <= 0) return false;
  const auto rows = static_cast<double>(waiting.rows);
  const double saved = seconds(cost.fixed) - rows * seconds(cost.per_row);
  if (saved <= 0 || waiting.arrivals_per_second <= (rows + 1) / saved) return false;
  const double gap = 1 / waiting.arrivals_per_second;
  const double run = seconds(cost.fixed) + (rows + 1) * seconds(cost.per_row);
  return seconds(waiting.slack) >= gap + run;
}

Duration queue_time(Duration ahead, std::uint32_t instances) {
  return ahead / std::max<std::uint32_t>(1, instances);
}

Duration usable(Duration left) {
  return left - left / 8;
}

void ArrivalRate::observe(TimePoint now, std::uint64_t rows) {
  rate_ = per_second(now) + static_cast<double>(rows) / kRateMemory;
  last_ = now;
}

double ArrivalRate::per_second(TimePoint now) const {
  if (rate_ == 0) return 0;
  return rate_ * std::exp(-std::max(0.0, seconds(now - last_)) / kRateMemory);
}

}  // namespace slipway::batching
