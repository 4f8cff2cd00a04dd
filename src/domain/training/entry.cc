#include "domain/training/entry.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <tuple>

namespace slipway::training {
namespace {

constexpr std::array<std::string_view, 3> kKinds = {"experiment", "run", "model"};
constexpr std::array<std::string_view, 9> kStates = {
    "", "RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED", "PENDING", "READY", "LOGGED_MODEL_UPLOAD_FAILED"};
constexpr std::size_t kHexDigits = 32;
constexpr std::size_t kMostDigits = 18;

bool all_of(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}
bool is_hex(std::string_view text) {
  return text.size() == kHexDigits && all_of(text, "0123456789abcdef");
}

}  // namespace

std::string_view name_of(Kind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}
std::string_view name_of(State state) {
  return kStates[static_cast<std::size_t>(state)];
}

std::optional<State> parse_state(std::string_view name) {
  const auto* const found = std::ranges::find(kStates, name);
  if (name.empty() || found == kStates.end()) return std::nullopt;
  return static_cast<State>(found - kStates.begin());
}

bool fits(State state, Kind kind) {
  switch (state) {
    case State::None:
      return kind == Kind::Experiment;
    case State::Running:
    case State::Scheduled:
    case State::Finished:
    case State::Failed:
    case State::Killed:
      return kind == Kind::Run;
    case State::Pending:
    case State::Ready:
    case State::UploadFailed:
      return kind == Kind::Model;
  }
  return false;
}

bool is_id(Kind kind, std::string_view text) {
  switch (kind) {
    case Kind::Experiment:
      return !text.empty() && text.size() <= kMostDigits && all_of(text, "0123456789");
    case Kind::Run:
      return is_hex(text);
    case Kind::Model:
      return text.starts_with("m-") && is_hex(text.substr(2));
  }
  return false;
}

bool operator==(const Metric& a, const Metric& b) {
  return a.key == b.key && a.timestamp == b.timestamp && a.step == b.step &&
         std::bit_cast<std::uint64_t>(a.value) == std::bit_cast<std::uint64_t>(b.value);
}

bool is_later(const Metric& a, const Metric& b) {
  const auto place = [](const Metric& metric) { return std::tuple(metric.step, metric.timestamp); };
  if (place(a) != place(b)) return place(a) > place(b);
  if (std::isnan(a.value)) return false;
  return std::isnan(b.value) || a.value > b.value;
}

}  // namespace slipway::training
