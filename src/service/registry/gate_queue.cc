#include "service/registry/gate_queue.h"

#include <algorithm>

namespace slipway::registry {
namespace {

bool is(const GateQueue::Item& item, const model::ModelName& name, model::VersionNumber number) {
  return item.number == number && item.name == name;
}

}  // namespace

bool GateQueue::add(Item item) {
  auto state = state_.lock();
  const auto same = [&](const Item& other) { return is(other, item.name, item.number); };
  // One that runs may have looked already at what this one is asked for: then it runs again.
  if (std::ranges::any_of(state->waiting, same)) return true;
  if (state->waiting.size() >= kMost) return false;
  state->waiting.push_back(std::move(item));
  return true;
}

std::optional<GateQueue::Item> GateQueue::take() {
  auto state = state_.lock();
  if (state->running || state->waiting.empty()) return std::nullopt;
  state->again_at.reset();
  state->running = std::move(state->waiting.front());
  state->waiting.pop_front();
  return state->running;
}

void GateQueue::tell(std::string_view doing) {
  state_.lock()->doing = doing;
}

void GateQueue::finish() {
  auto state = state_.lock();
  state->pause = kShortestPause;
  state->running.reset();
  state->doing.clear();
}

void GateQueue::put_back() {
  auto state = state_.lock();
  if (state->running) state->waiting.push_front(*std::move(state->running));
  state->running.reset();
  state->doing.clear();
}

void GateQueue::put_off(TimePoint now) {
  put_back();
  auto state = state_.lock();
  state->again_at = now + state->pause;
  state->pause = std::min(2 * state->pause, kLongestPause);
}

bool GateQueue::is_due(TimePoint now) const {
  auto state = state_.lock();
  return state->again_at && *state->again_at <= now && !state->running && !state->waiting.empty();
}

GateQueue::Standing GateQueue::standing(const model::ModelName& name, model::VersionNumber number) const {
  auto state = state_.lock();
  if (state->running && is(*state->running, name, number)) return {Standing::Phase::Running, state->doing};
  const bool waits = std::ranges::any_of(state->waiting, [&](const Item& item) { return is(item, name, number); });
  return {waits ? Standing::Phase::Waiting : Standing::Phase::Idle, ""};
}

std::string_view name_of(GateQueue::Standing::Phase phase) {
  switch (phase) {
    case GateQueue::Standing::Phase::Idle:
      return "idle";
    case GateQueue::Standing::Phase::Waiting:
      return "waiting";
    case GateQueue::Standing::Phase::Running:
      return "running";
  }
  return "idle";
}

}  // namespace slipway::registry
