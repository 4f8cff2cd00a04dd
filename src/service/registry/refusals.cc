#include "service/registry/refusals.h"

#include <algorithm>

#include "base/text.h"

namespace slipway::registry {
namespace {

constexpr std::string_view kAction = "refuse";
constexpr std::size_t kLongestSubject = 200;
constexpr std::size_t kLongestReason = 500;
constexpr auto kBetweenCounts = std::chrono::minutes(1);

model::Event more_events(std::uint64_t count, WallTime at) {
  return {.sequence = 0,
          .at = at,
          .actor = "slipway",
          .action = std::string(kAction),
          .model = {},
          .subject = std::to_string(count) + " more attempts",
          .from = {},
          .to = {},
          .reason = "too many refused attempts at once to keep each of them",
          .hash = {}};
}

}  // namespace

void Refusals::note(const Refusal& refusal, WallTime at) {
  const std::string actor = printable(refusal.actor, kLongestSubject);
  const std::string subject = printable(refusal.what, kLongestSubject);
  const std::string model = printable(refusal.model, kLongestSubject);
  auto state = state_.lock();
  const auto same = std::ranges::find_if(state->lines, [&](const Line& line) {
    return line.event.subject == subject && line.event.actor == actor && line.event.model == model;
  });
  if (same != state->lines.end()) {
    ++same->count;
  } else if (state->lines.size() < kMostLines) {
    state->lines.push_back({{.sequence = 0,
                             .at = at,
                             .actor = actor,
                             .action = std::string(kAction),
                             .model = model,
                             .subject = subject,
                             .from = {},
                             .to = {},
                             .reason = printable(refusal.why, kLongestReason),
                             .hash = {}},
                            1});
  } else {
    ++state->unlisted;
  }
}

std::vector<model::Event> Refusals::take(WallTime now) {
  auto state = state_.lock();
  if (state->filled_at != WallTime{} && now > state->filled_at) {
    const std::chrono::duration<double, std::ratio<60>> passed = now - state->filled_at;
    state->budget = std::min(kBurst, state->budget + passed.count() * kPerMinute);
  }
  state->filled_at = now;
  std::vector<model::Event> events;
  if (state->unlisted > 0 && state->budget >= 1 && now - state->counted_at >= kBetweenCounts) {
    state->budget -= 1;
    state->counted_at = now;
    events.push_back(more_events(std::exchange(state->unlisted, 0), now));
  }
  std::size_t taken = 0;
  for (Line& line : state->lines) {
    if (state->budget < 1) break;
    state->budget -= 1;
    ++taken;
    if (line.count > 1) line.event.reason += " (" + std::to_string(line.count) + " times)";
    events.push_back(std::move(line.event));
  }
  state->lines.erase(state->lines.begin(), state->lines.begin() + static_cast<std::ptrdiff_t>(taken));
  return events;
}

void Refusals::give_back(const std::vector<model::Event>& events) {
  state_.lock()->unlisted += events.size();
}

}  // namespace slipway::registry
