// How many outcomes were told, of how many predictions of each version; of one prediction there may be several.
#include <algorithm>
#include <cmath>

#include "cli/rollout_story.h"

namespace slipway::cli {
namespace {

std::uint64_t outcomes_of(const StoryArm& arm, const std::string& kind) {
  const auto found = std::ranges::find(arm.outcomes, kind, &std::pair<std::string, std::uint64_t>::first);
  return found == arm.outcomes.end() ? 0 : found->second;
}

}  // namespace

std::vector<std::string> join_texts(const Story& story) {
  std::vector<std::string> texts;
  if (story.arms.empty()) return texts;
  for (const auto& [kind, ignored] : story.arms.front().outcomes) {
    std::string text = kind + "s known: ";
    bool is_known = false;
    for (const StoryArm& arm : story.arms) {
      const std::uint64_t count = outcomes_of(arm, kind);
      is_known = is_known || count > 0;
      if (&arm != &story.arms.front()) text += ", ";
      text +=
          "version " + std::to_string(arm.version) + " " + std::to_string(count) + " of " + std::to_string(arm.answers);
      if (arm.answers == 0) continue;
      const double share = static_cast<double>(count) / static_cast<double>(arm.answers);
      text += " (" + shown_number(std::round(1'000 * share) / 10) + " %)";
    }
    if (is_known) texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace slipway::cli
