#include "app/proving/playing.h"

#include <pthread.h>

#include <atomic>
#include <thread>

#include "app/proving/played_rollout.h"

namespace slipway::proving {

Result<proof::Score> play(const proof::Scenario& scenario, const Playing& playing) {
  const evidence::EvidencePlan plan = TRY(evidence_of(scenario));
  std::vector<proof::Outcome> outcomes(std::max(playing.rollouts, scenario.least_rollouts));
  Log log({.level = LogLevel::Off});
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < outcomes.size(); i = next++) {
      outcomes[i] = PlayedRollout(scenario, plan, playing.seed + i, log).play();
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
