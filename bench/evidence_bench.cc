// What a look at a rollout's evidence costs the controller: judging it, and counting what came since.
#include <chrono>
#include <cstdio>
#include <string>

#include "domain/evidence/evidence.h"
#include "domain/stats/random.h"

using slipway::evidence::Direction;
using slipway::evidence::Evidence;
using slipway::evidence::EvidencePlan;
using slipway::evidence::Observation;
using slipway::evidence::Source;

namespace {

EvidencePlan plan_of(int metrics, int slices) {
  const EvidencePlan each{
      .metrics = {{.name = "errors", .margin_ratio = 1.5, .margin_difference = 0.005},
                  {.name = "latency", .source = Source::Latency, .margin_ratio = 2},
                  {.name = "score", .source = Source::Prediction, .direction = Direction::EitherWay},
                  {.name = "accuracy", .source = Source::Outcome, .margin_relative = 0.1},
                  {.name = "revenue", .source = Source::Amount, .margin_relative = 0.1}}};
  EvidencePlan plan;
  for (int i = 0; i < metrics; ++i) {
    plan.metrics.push_back(each.metrics[static_cast<std::size_t>(i) % each.metrics.size()]);
    plan.metrics.back().name += std::to_string(i);
  }
  for (int i = 0; i < slices; ++i) plan.slices.push_back("slice" + std::to_string(i));
  return plan;
}

Observation next(slipway::stats::Xoshiro256& random, double t) {
  const bool is_candidate = random.unit() < 0.1;
  return {.t = t,
          .arm = is_candidate ? slipway::stats::Arm::Candidate : slipway::stats::Arm::Control,
          .p = 0.1,
          .error = random.unit() < 0.01,
          .latency_ms = 5 + 20 * random.unit(),
          .predictions = {random.unit()},
          .outcome = random.unit(),
          .slices = std::uint64_t{1} << random.below(20)};
}

template <class Work>
double nanoseconds_each(int rounds, Work&& work) {
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < rounds; ++i) work();
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - began;
  return took.count() / rounds;
}

void measure(int metrics, int slices) {
  auto evidence = Evidence::create(plan_of(metrics, slices)).value();
  slipway::stats::Xoshiro256 random(1);
  double t = 0;
  const double observe = nanoseconds_each(100'000, [&] { evidence.observe(next(random, t += 0.01)); });
  std::size_t sum = 0;  // printed, so that nothing is left out
  const double verdict = nanoseconds_each(5'000, [&] { sum += static_cast<std::size_t>(evidence.verdict()); });
  const double judge =
      nanoseconds_each(5'000, [&] { sum += evidence.judge(slipway::evidence::Detail::Brief).reason.size(); });
  const double state = nanoseconds_each(200, [&] { sum += evidence.state().size(); });
  std::printf(
      "%2d metrics, %2d slices: verdict %6.2f us, with its words %6.2f us, state %7.1f us (%zu bytes), "
      "one observation %6.1f ns (sum %zu)\n",
      metrics, slices, verdict / 1e3, judge / 1e3, state / 1e3, evidence.state().size(), observe, sum);
}

}  // namespace

int main() {
  measure(3, 0);
  measure(10, 0);
  measure(10, 20);
}
