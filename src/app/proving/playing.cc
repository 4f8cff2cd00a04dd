#include "app/proving/playing.h"

#include <pthread.h>

#include <atomic>
#include <thread>

#include "app/proving/played_rollout.h"
#include "domain/evidence/rollout_budget.h"

namespace slipway::proving {
namespace {

// One after the other; each has what those before it left of alpha, as the server's have (adapter/log_evidence).
proof::Outcome play_series(const proof::Scenario& worse, const evidence::EvidencePlan& plan, std::uint64_t seed,
                           Log& log) {
  proof::Scenario equal = worse;
  equal.course.error_ratio = 1;
  evidence::PastRollouts past;
  proof::Outcome all;
  for (std::uint32_t i = 0; i < worse.series.rollouts; ++i) {
    const bool is_worse = worse.series.worse_one_in > 0 && i % worse.series.worse_one_in == 0;
    const evidence::EvidencePlan spent = evidence::within_budget(plan, past);
    const proof::Outcome one =
        PlayedRollout(is_worse ? worse : equal, spent, seed * worse.series.rollouts + i, log).play();
    ++past.count;
    past.rolled_back += one.is_rolled_back ? 1 : 0;
    all.worse += is_worse ? 1 : 0;
    all.found += is_worse && one.is_rolled_back ? 1 : 0;
    all.false_alarms += !is_worse && one.is_rolled_back ? 1 : 0;
  }
  all.is_rolled_back = all.found + all.false_alarms > 0;
  return all;
}

}  // namespace

Result<proof::Score> play(const proof::Scenario& scenario, const Playing& playing) {
  const evidence::EvidencePlan plan = TRY(evidence_of(scenario));
  std::vector<proof::Outcome> outcomes(std::max(playing.rollouts, scenario.least_rollouts));
  Log log({.level = LogLevel::Off});
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < outcomes.size(); i = next++) {
      const std::uint64_t seed = playing.seed + i;
      outcomes[i] = scenario.series.rollouts > 1 ? play_series(scenario, plan, seed, log)
                                                 : PlayedRollout(scenario, plan, seed, log).play();
    }
  };
  {
    std::vector<std::jthread> others;  // joined where this block ends
    for (std::uint32_t i = 1; i < playing.threads; ++i) {
      others.emplace_back(work);
      pthread_setname_np(others.back().native_handle(), "rollouts");
    }
    work();
  }
  return proof::score_of(outcomes);
}

}  // namespace slipway::proving
