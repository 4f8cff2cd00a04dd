// TrafficControl: what a rollout sees and changes of what is served. Adapter: the application, over the registry.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/model/name.h"
#include "domain/rollout/commands.h"

namespace slipway::ports {

struct ServedTraffic {
  rollout::Traffic traffic;
  std::uint64_t revision = 0;
  bool is_live = false;      // every version of it is loaded and answers
  std::string load_failure;  // why one cannot be; empty: none is known
};

// Any thread; every method blocks.
class TrafficControl {
 public:
  virtual ~TrafficControl() = default;
  // NotFound: nothing of the model is served there.
  virtual Result<ServedTraffic> served(std::string_view environment, const model::ModelName& model) = 0;
  // NotFound, Conflict: there is no such version, or it cannot be served, with the reason. A removal of it that was
  // decided before and is not made yet will be decided anew.
  virtual Result<void> expect_servable(const model::ModelName& model, model::VersionNumber version) = 0;
  // By compare-and-set on the revision. Conflict: it is another one, or a policy forbids it. Unimplemented: it mirrors,
  // and this server cannot.
  virtual Result<void> serve(const rollout::Rollout& rollout, const rollout::Traffic& traffic, std::uint64_t expected,
                             std::uint64_t number) = 0;
  virtual bool can_mirror() const = 0;
  // Somebody's word for every candidate, in the rollout's environment. Denied: who made one of them. Conflict: a policy
  // asks for evidence first. The same word again is the one there is.
  virtual Result<void> approve(const rollout::Rollout& rollout, const rollout::Person& person,
                               std::uint64_t number) = 0;
  // Whether the words for the candidates are enough now for a step that asks for some. Conflict: what is missing.
  virtual Result<void> expect_approved(const rollout::Rollout& rollout) = 0;
};

}  // namespace slipway::ports
