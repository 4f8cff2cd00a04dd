#include "service/announcing/announcer.h"

#include <algorithm>

namespace slipway::announcing {
namespace {

constexpr std::size_t kPage = 64;             // events in memory
constexpr std::uint64_t kMostPassed = 1'000;  // events that concern nobody, until the place is kept again
constexpr std::array<std::string_view, 3> kOutcomes = {"told", "failed", "given_up"};

bool is_announced(const model::Event& event) {
  return event.action == "rollout";
}

}  // namespace

void Announcer::step() {
  if (parts_.clock.now() < next_) return;
  auto done = at_ ? Result<void>() : begin();
  while (done.ok()) {
    auto more = tell_page();
    if (!more.ok()) done = std::move(more).error();
    if (!more.ok() || !*more) break;
  }
  const std::string failure = done.ok() ? "" : done.error().message;
  if (!failure.empty() && failure != failure_)
    parts_.log.warning("webhook", {{"hook", parts_.name}, {"error", failure}});
  failure_ = failure;
  if (!failure.empty()) next_ = std::max(next_, parts_.clock.now() + kFirstPause);
}

Result<void> Announcer::begin() {
  if (const auto kept = TRY(parts_.kept())) {
    at_ = kept_ = *kept;
    return {};
  }
  const auto newest = TRY(parts_.history.history("", 0, 1));
  const std::uint64_t end = newest.empty() ? 0 : newest.front().sequence;
  TRY(parts_.keep(end));
  at_ = kept_ = end;
  return {};
}

// True: there may be more.
Result<bool> Announcer::tell_page() {
  const auto events = TRY(parts_.history.trail(*at_, kPage));
  for (const model::Event& event : events) {
    if (is_announced(event) && !tell(event)) return false;
    TRY(pass(event.sequence, is_announced(event)));
  }
  return events.size() == kPage;
}

Result<void> Announcer::pass(std::uint64_t sequence, bool is_told) {
  at_ = sequence;
  attempts_ = 0;
  if (!is_told && sequence - kept_ < kMostPassed) return {};
  TRY(parts_.keep(sequence));
  kept_ = sequence;
  return {};
}

// True: it is done with.
bool Announcer::tell(const model::Event& event) {
  const auto told = parts_.to.tell(event);
  if (!told.ok()) return failed(event, told.error());
  count(Outcome::Told);
  return true;
}

bool Announcer::failed(const model::Event& event, const Error& error) {
  if (error.code == ErrorCode::Cancelled) return false;
  count(Outcome::Failed);
  ++attempts_;
  const bool is_refused = error.code == ErrorCode::InvalidInput;
  const bool gives_up = attempts_ >= (is_refused ? kMostAttemptsRefused : kMostAttempts);
  parts_.log.warning("webhook", {{"hook", parts_.name},
                                 {"event", static_cast<std::int64_t>(event.sequence)},
                                 {"attempt", attempts_},
                                 {"given_up", gives_up},
                                 {"error", error.message}});
  if (gives_up) {
    count(Outcome::GivenUp);
    return true;
  }
  const Duration pause = std::min(kLongestPause, kFirstPause * (std::int64_t{1} << std::min(attempts_ - 1, 20)));
  // Half of it at least, so that many servers do not come back at once.
  std::uniform_int_distribution<Duration::rep> jitter(pause.count() / 2, pause.count());
  next_ = parts_.clock.now() + Duration(jitter(random_));
  return false;
}

void Announcer::collect(ports::MetricVisitor& visitor) const {
  visitor.family("slipway_webhook_events_total", "Events told to a webhook, attempts that failed, and events given up",
                 ports::MetricKind::Counter);
  for (std::size_t i = 0; i < kOutcomes.size(); ++i) {
    const ports::MetricLabel labels[] = {{"hook", parts_.name}, {"outcome", kOutcomes.at(i)}};
    visitor.sample(labels, static_cast<double>(counts_.at(i).load()));
  }
}

}  // namespace slipway::announcing
